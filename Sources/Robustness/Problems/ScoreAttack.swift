public import Models

/// An attack that sees nothing but outputs, by the type of its oracle.
public protocol ScoreAttack: Attack {
  /// Looks for a point, in one attempt; see `Attack`.
  func maximize(_ problem: Problem, using oracle: some ScoreOracle) async throws -> Candidate
}

extension ScoreAttack {
  /// The outputs.
  public static var knowledge: Knowledge { .scores }
}
