/// How much each player regrets in the mean, round after round: what its best single action would have cost less.
public struct RegretCurve: Sendable, Hashable, Codable {
  /// A moment.
  public struct Point: Sendable, Hashable, Codable {
    /// The number of rounds played.
    public let round: Int
    /// Each player's regret per round; below zero where a player did better than any single action.
    public let regrets: [Double]
    /// The exploitability of the averages of all rounds, at least 0.
    public let exploitability: Double
  }

  /// The moments, with the last round.
  public let points: [Point]
  /// The averages of all rounds, and what they gain.
  public let average: Equilibrium
}

extension MatrixGame {
  /// Plays rounds by a solver that chooses probabilities, and keeps account of regret.
  ///
  /// In a zero-sum game the exploitability of the averages is the sum of both regrets.
  ///
  /// - Parameters:
  ///   - solver: The solver.
  ///   - rounds: How many rounds, at least one.
  ///   - mostPoints: How many moments to keep at most.
  /// - Returns: The course of regret.
  /// - Throws: What the solver throws; `CancellationError`.
  public func regrets(
    of solver: any Solver, rounds: Int, mostPoints: Int = 200
  ) async throws -> RegretCurve {
    precondition(rounds > 0, "\(rounds) rounds")
    let game = game
    try solver.check(game)
    var state = SolverState(game.center, of: solver)
    var totals = game.center.zeros
    var (plays, paid) = (totals, [0.0, 0.0])
    var points: [RegretCurve.Point] = []
    let interval = max(1, rounds / max(1, mostPoints))
    for round in 1...rounds {
      try Task.checkCancellation()
      let gains = [payoffs.times(state.profile[1]), second.transposedTimes(state.profile[0])]
      for place in 0...1 {
        totals[place].add(gains[place])
        plays[place].add(state.profile[place])
        paid[place] += gains[place].dot(state.profile[place])
      }
      try await solver.advance(&state, in: game)
      state.steps = round
      guard round.isMultiple(of: interval) || round == rounds else { continue }
      let regrets = (0...1).map { ((totals[$0].max() ?? 0) - paid[$0]) / Double(round) }
      let average = judge(plays[0].normalized, plays[1].normalized)
      points.append(
        RegretCurve.Point(
          round: round, regrets: regrets, exploitability: average.exploitability.total))
    }
    return RegretCurve(
      points: points, average: judge(plays[0].normalized, plays[1].normalized))
  }
}
