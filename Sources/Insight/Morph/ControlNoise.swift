package import Models
public import Robustness
public import Tensors

/// What a model makes of noise that is as large as a change, which tells whether the change's size or its direction
/// matters.
public struct ControlNoise: Sendable, Hashable, Codable {
  /// The norm in which the noise has the size of the change.
  public let norm: Norm
  /// The size.
  public let size: Double
  /// The number of draws.
  public let draws: Int
  /// The share of draws on which the model sees another class than on the input as it is.
  public let changedShare: Double
  /// The share of draws on which it sees the target.
  public let targetShare: Double
  /// The mean probability of the target.
  public let meanTarget: Double
  /// The first draw.
  public let input: Tensor<Float>
  /// The class that the model sees on the first draw; `nil` where its outputs are not numbers.
  public let prediction: Int?
  /// The probability of that class.
  public let probability: Double

  /// Draws noise within a ball around an input and asks a model about it.
  ///
  /// Each draw has the full size after it was cut by the bounds, unless these leave no room: for L-infinity every value
  /// moves to one of its two limits at random, for L2 a normal direction is cut and stretched.
  ///
  /// - Parameters:
  ///   - ball: The size and the bounds.
  ///   - norm: The norm of the ball.
  ///   - size: The size.
  ///   - input: The input as it is.
  ///   - label: The class that the model sees on it.
  ///   - target: The class that the change leads to.
  ///   - draws: How often to draw, at least once.
  ///   - key: Determines the draws.
  ///   - model: The model.
  /// - Throws: `ThreatError` where the input does not fit the ball; what the model throws.
  package init(
    within ball: any ThreatModel, _ norm: Norm, size: Double, around input: Tensor<Float>,
    label: Int?, target: Int, draws: Int, key: RandomKey, by model: any BatchedModel
  ) async throws {
    let region = try ball.region(around: input)
    // Drawn again where it is needed: all draws at once may need gigabytes.
    func drawn(_ draw: Int) -> Tensor<Float> {
      var randomness = key.child(norm.rawValue).child(draw).generator
      return ball.apply(region.maximizer(of: randomness.normals(region.center.shape)), to: input)
    }
    let scores = try await model.outputs(count: draws) { .stacking($0.map { drawn($0) }) }
    let rankings = (0..<draws).map {
      Ranking(scores: scores.row($0).scalars, areLabels: model.knowledge == .labels)
    }
    func share(_ holds: (Ranking) -> Bool) -> Double {
      Double(rankings.count(where: holds)) / Double(draws)
    }
    self.norm = norm
    self.size = size
    self.draws = draws
    changedShare = share { $0.label != label }
    targetShare = share { $0.label == target }
    meanTarget =
      rankings.reduce(0) { $0 + ($1.probability(of: target) ?? 0) } / Double(draws)
    self.input = drawn(0)
    prediction = rankings[0].label
    probability = rankings[0].entries.first?.probability ?? 0
  }
}
