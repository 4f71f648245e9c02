package import Models
package import Tensors

/// What a model makes of the inputs on the straight way from an input to a changed one.
public struct MorphPath: Sendable, Hashable, Codable {
  /// One input on the way.
  public struct Step: Sendable, Hashable, Codable {
    /// The share of the way, 0 to 1.
    public let share: Double
    /// The Euclidean length of the change so far, in the units of the data.
    public let length: Double
    /// The class that the model sees; `nil` where its outputs are not numbers.
    public let prediction: Int?
    /// The probability of the class that it sees on the input as it is.
    public let source: Double
    /// The probability of the target.
    public let target: Double
  }

  /// The inputs on the way, the input as it is first and the changed one last.
  public let steps: [Step]

  /// The first step on which the model sees the target; `nil` if there is none.
  public func firstStep(of target: Int) -> Step? { steps.first { $0.prediction == target } }

  /// Walks from an input to a changed one in equal steps.
  ///
  /// - Parameters:
  ///   - input: The input as it is.
  ///   - changed: The changed one, of the same shape.
  ///   - count: The number of inputs on the way, both ends included; at least 2.
  ///   - source: The class that the model sees on the input as it is.
  ///   - target: The class that the change leads to.
  ///   - model: The model.
  /// - Throws: What the model throws.
  package init(
    from input: Tensor<Float>, to changed: Tensor<Float>, count: Int, source: Int, target: Int,
    by model: any BatchedModel
  ) async throws {
    let inputs = MorphPath.inputs(from: input, to: changed, count: count)
    let rankings = try await model.rankings(of: inputs)
    steps = zip(inputs, rankings).enumerated().map { place, step in
      Step(
        share: Double(place) / Double(count - 1), length: (step.0 - input).norm2,
        prediction: step.1.label, source: step.1.probability(of: source) ?? 0,
        target: step.1.probability(of: target) ?? 0)
    }
  }

  /// The inputs on the way, both ends exact.
  package static func inputs(
    from input: Tensor<Float>, to changed: Tensor<Float>, count: Int
  ) -> [Tensor<Float>] {
    (0..<count).map { place in
      switch place {
      case 0: input
      case count - 1: changed
      default: input.interpolated(to: changed, by: Float(place) / Float(count - 1))
      }
    }
  }
}
