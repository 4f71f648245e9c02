public import Models

/// An attack that sees nothing but decisions, by the type of its oracle.
public protocol LabelAttack: Attack {
  /// Looks for a point, in one attempt; see `Attack`.
  func maximize(_ problem: Problem, using oracle: some LabelOracle) async throws -> Candidate
}

extension LabelAttack {
  /// The decision alone.
  public static var knowledge: Knowledge { .labels }

  /// The nearest point.
  public static var search: Search { .nearest }
}
