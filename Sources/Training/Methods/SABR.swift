public import Graphs
public import Robustness
public import Tensors

/// Small adversarial bounding regions (SABR): interval bounds on a small box around a point that an attack finds, in place
/// of the whole box.
///
/// The attack searches within (1 - lambda) eps, and the box reaches lambda eps from there, cut by the bounds of the data: it
/// lies in the whole box, and its bounds are tighter by much, so that accuracy suffers less. Both grow over the ramp of
/// interval training, of which the loss, the penalties and the first weights are.
///
/// Müller, Eckert, Fischer and Vechev, "Certified training: small boxes are all you need", 2023,
/// https://arxiv.org/abs/2210.04871. What is minimised is no bound of the worst loss. Cost: `search.steps` forwards and
/// backwards, and three passes of the network per example.
public struct SABR: TrainingMethod {
  /// The loss on the boxes, and its ramp.
  public var intervals: IntervalTraining
  /// The whole box.
  public var ball: Ball
  /// The share of the radius that a box reaches, in (0, 1]; 1 for the whole box around the example.
  public var lambda: Double
  /// How the points are found.
  public var search = IntervalSearch()

  /// Creates the method, without a natural loss at the end of the ramp.
  ///
  /// - Precondition: `lambda` is above 0 and at most 1; the ball is one of L-infinity.
  public init(_ ball: Ball, words: String, lambda: Double = 0.4) {
    precondition(lambda > 0 && lambda <= 1, "a share of \(lambda)")
    precondition(ball.norm == .infinity, "a box of the norm \(ball.norm)")
    intervals = IntervalTraining(ball, words: words)
    intervals.kappa = 0
    (self.ball, self.lambda) = (ball, lambda)
  }

  /// The method, its constants and the threat.
  public var description: String {
    "sabr, lambda \(lambda), \(search.words), kappa \(intervals.kappa), \(intervals.words)"
  }

  /// That of interval training.
  public func loss(in builder: inout LossBuilder) throws -> Value {
    try intervals.loss(in: &builder)
  }

  /// Attacks, and puts a small box around what is found.
  public func prepare(
    _ batch: TrainingBatch, by session: TrainingSurroundings
  ) async throws -> [String: [Float]] {
    let points = try await search.points(
      of: batch, within: ball, scaledBy: (1 - lambda) * intervals.growth(by: session), by: session)
    return try intervals.inputs(
      around: points, of: batch, in: ball.scaled(by: lambda) ?? ball, by: session)
  }

  /// Those of interval training.
  public func firstWeights(of graph: Graph, from key: RandomKey) -> [String: Tensor<Float>] {
    intervals.firstWeights(of: graph, from: key)
  }
}
