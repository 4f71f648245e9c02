public import Graphs
public import Robustness
public import Tensors

/// Interval bounds and an attack side by side (MTL-IBP): a mean of an upper and a lower bound of the worst loss.
///
/// alpha CE(worst margins, y) + (1 - alpha) CE(f(x'), y) with the margins' upper bounds by intervals over the whole box and
/// x' found by an attack within it. Box and attack grow over the ramp of interval training, of which the penalties and the
/// first weights are.
///
/// De Palma, Bunel, Dvijotham, Kumar, Stanforth and Lomuscio, "Expressive losses for verified robustness via convex
/// combinations", 2024, https://arxiv.org/abs/2305.13991. Cost: `search.steps` forwards and backwards, and four passes of
/// the network per example.
public struct MTLIBP: TrainingMethod {
  /// The bound, and its ramp; its weight of the natural loss does not matter.
  public var intervals: IntervalTraining
  /// The box.
  public var ball: Ball
  /// The weight of the bound, in [0, 1].
  public var alpha: Double
  /// How the attack searches.
  public var search = IntervalSearch()

  /// Creates the method.
  ///
  /// - Precondition: The ball is one of L-infinity.
  public init(_ ball: Ball, words: String, alpha: Double = 0.5) {
    precondition(ball.norm == .infinity, "a box of the norm \(ball.norm)")
    intervals = IntervalTraining(ball, words: words)
    (self.ball, self.alpha) = (ball, alpha)
  }

  /// The method, its constants and the threat.
  public var description: String {
    "mtl-ibp, alpha \(alpha), \(search.words), \(intervals.words)"
  }

  private static let adversarialName = "adversarial"

  /// The mean of both losses, and the penalties.
  public func loss(in builder: inout LossBuilder) throws -> Value {
    try intervals.loss(in: &builder) { builder, _ in
      let scores = try builder.scores(of: builder.input(Self.adversarialName))
      return try builder.crossEntropy(scores)
    }
  }

  /// Attacks, and makes the boxes.
  public func prepare(
    _ batch: TrainingBatch, by session: TrainingSurroundings
  ) async throws -> [String: [Float]] {
    var inputs = try await intervals.prepare(batch, by: session)
    inputs[IntervalTraining.Name.kappa] = [Float(1 - alpha)]
    inputs[Self.adversarialName] = try await search.points(
      of: batch, within: ball, scaledBy: intervals.growth(by: session), by: session)
    return inputs
  }

  /// Those of interval training.
  public func firstWeights(of graph: Graph, from key: RandomKey) -> [String: Tensor<Float>] {
    intervals.firstWeights(of: graph, from: key)
  }
}
