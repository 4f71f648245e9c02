package import Networks
import Tensors

/// Networks that several suites look at, each trained once for all of them.
package enum SoundNetworks {
  /// A perceptron that reads digits.
  package static var perceptron: Network { get async throws { try await made.value.perceptron } }

  /// Two convolutions that read digits.
  package static var convolutions: Network {
    get async throws { try await made.value.convolutions }
  }

  private static let made = Task {
    let digits = try SoundExamples.digits(0..<1200)
    return (
      perceptron: try await SoundFits.trained(
        SoundFits.perceptron([1, 28, 28], 32, 10), on: digits, epochs: 6, rate: 0.003),
      convolutions: try await SoundFits.trained(
        SoundFits.convolutional([1, 28, 28], 10), on: digits, epochs: 6, rate: 0.003)
    )
  }
}
