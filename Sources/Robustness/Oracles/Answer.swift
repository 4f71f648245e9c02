public import Tensors

/// What a differentiable model says about a point.
public struct Answer: Sendable, Hashable {
  /// The outputs.
  public let outputs: Tensor<Float>

  /// The value of the objective.
  public let loss: Double

  /// The margin of the goal: positive where it is reached.
  public let margin: Double

  /// The gradient of the objective with respect to the parameters z, of their shape; exact up to a
  /// positive factor, see `Objective`.
  public let gradient: Tensor<Float>

  /// Whether the goal is reached; always false in training, which has no early exit.
  public let reachesGoal: Bool
}
