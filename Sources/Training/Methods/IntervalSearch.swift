import Robustness
import Tensors

/// The search of the methods that join attacks and interval bounds: projected gradient ascent on the cross-entropy from a
/// random point of a ball that grows with the box.
public struct IntervalSearch: Sendable, Hashable {
  /// The number of steps.
  public var steps = 8
  /// The length of a step, in radii; `nil` for 2.5 divided by the number of steps.
  public var step: Double?

  /// Creates the search with its standard constants.
  public init() {}

  /// The constants in words.
  var words: String { "\(steps) steps" + (step.map { " of \($0) radii" } ?? "") }

  /// A point for each example of a batch, within a share of a ball's radius; the examples themselves where that is 0.
  func points(
    of batch: TrainingBatch, within ball: Ball, scaledBy share: Double,
    by session: TrainingSurroundings
  ) async throws -> [Float] {
    guard share > 0, ball.radius > 0, let threat = ball.scaled(by: share) else {
      return batch.values
    }
    var ascent = TrainingAscent(
      .crossEntropy, steps: steps, stepSize: step.map { $0 * share * ball.radius })
    ascent.startsAnywhere = true
    return try await session.inputs(
      of: Recipe.Adversary(ascent, within: threat, words: "\(threat)"), for: batch)
  }
}
