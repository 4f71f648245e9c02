extension MatrixGame {
  /// An equilibrium of a zero-sum game by linear programming, degenerate or not.
  ///
  /// With payoffs shifted above zero the second player's strategy is the y >= 0 of largest sum with A y <= 1, brought
  /// to the sum 1, and the first player's is the dual (von Neumann and Dantzig; Dantzig, 1951).
  ///
  /// - Returns: Probabilities, and the value, which is the same in all equilibria.
  /// - Throws: `GameError` if the game is not zero-sum, or rounding lets the method find no end.
  public func zeroSumEquilibrium() throws(GameError) -> Equilibrium {
    guard isZeroSum else {
      throw GameError("both players' payoffs do not add up to zero; expected a zero-sum game")
    }
    guard range > 0 else {
      return judge(.uniform(payoffs.rows), .uniform(payoffs.columns))
    }
    let least = payoffs.values.min() ?? 0
    let shifted = payoffs.map { ($0 - least) / range + 1 }
    let program = try LinearProgram(
      maximizing: [Double](repeating: 1, count: payoffs.columns), shifted,
      atMost: [Double](repeating: 1, count: payoffs.rows))
    return judge(program.prices.normalized, program.solution.normalized)
  }
}

extension [Double] {
  /// Equal probabilities.
  static func uniform(_ count: Int) -> [Double] {
    [Double](repeating: 1 / Double(count), count: count)
  }

  /// Weights at or above zero brought to the sum 1; what rounding left below zero is none.
  var normalized: [Double] {
    let weights = map { Swift.max(0, $0) }
    let sum = weights.reduce(0, +)
    return weights.map { $0 / sum }
  }
}
