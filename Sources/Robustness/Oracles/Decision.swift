/// What a model that reveals labels only says about a point.
public struct Decision: Sendable, Hashable {
  /// The label; `nil` where there are no classes, or a NaN.
  public let label: Int?

  /// Whether the goal is reached; always false in training, which has no early exit.
  public let reachesGoal: Bool
}
