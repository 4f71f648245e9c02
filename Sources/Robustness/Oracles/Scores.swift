public import Tensors

/// What a model that reveals its outputs says about a point.
public struct Scores: Sendable, Hashable {
  /// The outputs.
  public let outputs: Tensor<Float>

  /// The margin of the goal: positive where it is reached.
  public let margin: Double

  /// Whether the goal is reached; always false in training, which has no early exit.
  public let reachesGoal: Bool
}
