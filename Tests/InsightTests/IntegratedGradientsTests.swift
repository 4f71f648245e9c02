import Graphs
import Insight
import Models
import Networks
import Robustness
import Tensors
import Testing

/// Integrated gradients: completeness, exactly at kinks and by quadrature.
@Suite struct IntegratedGradientsTests {
  @Test(
    "the sum is the change of the score, to single precision", arguments: 0..<6 as Range<UInt64>)
  func completeness(seed: UInt64) async throws {
    let network = try AttributionNetworks.piecewise(seed: seed)
    let inputs = AttributionNetworks.inputs(2, for: network, seed: seed)
    var request = try AttributionNetworks.request(network, inputs, classes: [0, 3])
    for score in [ClassScore.logit, .margin] {
      request.score = score
      for one in try await IntegratedGradients().attributions(for: request) {
        let balance = try #require(one.balance)
        // A small difference of larger scores: 1.3e-5 was met.
        #expect(balance.relativeGap < 2e-5, "\(score): \(balance)")
        #expect(one.remarks.contains { $0.hasPrefix("exact: ") }, "\(one.remarks)")
      }
    }
  }

  @Test("quadrature comes to the exact integral")
  func quadrature() async throws {
    let network = try AttributionNetworks.piecewise(seed: 11)
    let inputs = AttributionNetworks.inputs(2, for: network)
    let request = try AttributionNetworks.request(network, inputs, classes: [1, 2])
    let exact = try await IntegratedGradients().attributions(for: request)
    let found = try await IntegratedGradients {
      ($0.kinks, $0.tolerance, $0.gradients) = (0, 1e-4, 100_000)
    }.attributions(for: request)
    for (one, other) in zip(exact, found) {
      // The tolerance is that of the sum; single values are off by more.
      #expect(relativeDifference(other.map, one.map) < 1e-2)
      #expect(try #require(other.balance).relativeGap < 1e-3)
      #expect(other.remarks.contains { $0.hasPrefix("quadrature: ") })
      #expect(other.passes.backward > 16)
    }
  }

  @Test("the exact integral is the limit of fine sums")
  func limit() async throws {
    let network = try AttributionNetworks.piecewise(seed: 4)
    let inputs = AttributionNetworks.inputs(1, for: network)
    let request = try AttributionNetworks.request(network, inputs, classes: [2])
    let exact = try await IntegratedGradients().attributions(for: request)[0]
    let count = 4000
    let x = inputs.row(0)
    let points = (0..<count).map { (Float($0) + 0.5) / Float(count) * x }
    let slopes = try await request.model.gradients(at: .stacking(points)) { _, outputs in
      var slopes = Tensor<Float>.zeros(outputs.shape)
      for row in 0..<outputs.shape[0] { slopes[row * outputs.shape[1] + 2] = 1 }
      return slopes
    }.gradients
    var sums = [Double](repeating: 0, count: x.count)
    for (place, slope) in slopes.scalars.enumerated() { sums[place % x.count] += Double(slope) }
    let expected = Tensor(
      sums.indices.map { Float(sums[$0] / Double(count)) * x[$0] }, shape: x.shape)
    #expect(relativeDifference(exact.map, expected) < 2e-3)
  }

  @Test(
    "more kinks than are allowed, and networks that are not linear in pieces, are integrated by quadrature"
  )
  func fallback() async throws {
    let network = try AttributionNetworks.piecewise(seed: 5)
    let inputs = AttributionNetworks.inputs(1, for: network)
    let request = try AttributionNetworks.request(network, inputs, classes: [0])
    let few = try await IntegratedGradients { $0.kinks = 3 }.attributions(for: request)[0]
    #expect(few.remarks.contains { $0.hasPrefix("quadrature: ") })
    let smooth = try Network("smooth", input: AttributionNetworks.gray, seed: 2) {
      Convolve(4, kernel: 3)
      Activation(.gelu)
      Flatten()
      Linear(3)
    }
    let other = try AttributionNetworks.request(
      smooth, AttributionNetworks.inputs(1, for: smooth), classes: [1])
    let one = try await IntegratedGradients().attributions(for: other)[0]
    #expect(one.remarks.contains { $0.hasPrefix("quadrature: ") })
    #expect(try #require(one.balance).relativeGap < 1e-3)
    var probability = request
    probability.score = .probability
    let share = try await IntegratedGradients().attributions(for: probability)[0]
    #expect(share.remarks.contains { $0.hasPrefix("quadrature: ") })
    #expect(try #require(share.balance).relativeGap < 2e-3)
  }

  @Test("batches do not matter")
  func batches() async throws {
    let network = try AttributionNetworks.piecewise(seed: 8)
    let inputs = AttributionNetworks.inputs(1, for: network)
    var request = try AttributionNetworks.request(network, inputs, classes: [1])
    let whole = try await IntegratedGradients().attributions(for: request)[0]
    request.batch = 3
    let parts = try await IntegratedGradients().attributions(for: request)[0]
    #expect(relativeDifference(parts.map, whole.map) < 1e-5)
  }
}
