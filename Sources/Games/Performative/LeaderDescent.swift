/// Where a leader's cost is least, given that all others answer best: the performatively optimal point.
public enum LeaderDescent {
  /// Descends along total gradients with steps that halve where the cost does not fall.
  ///
  /// The total gradient counts how the others answer (`StackelbergImplicit`); the steps are those of Barzilai and
  /// Borwein, 1988. It finds a local minimum.
  ///
  /// - Parameters:
  ///   - game: The game.
  ///   - start: Where to begin.
  ///   - mostSteps: The most steps.
  /// - Returns: The leader's numbers.
  /// - Throws: What players throw; `CancellationError`.
  public static func minimum(
    of game: Game, from start: Profile, mostSteps: Int = 500
  ) async throws -> [Double] {
    var here = start
    try await game.answer(&here)
    var cost = try await game.players[0].cost(at: here)
    var slope = try await StackelbergImplicit.totalGradient(at: here, in: game)
    var step = 1e-2 / max(1, slope.norm)
    for _ in 0..<mostSteps {
      try Task.checkCancellation()
      guard slope.norm > 1e-10 * max(1, abs(cost)) else { break }
      var next = here
      var nextCost = Double.infinity
      for _ in 0..<60 {
        next = here
        next[0] = here[0].plus(slope, times: -step)
        try await game.answer(&next)
        nextCost = try await game.players[0].cost(at: next)
        if nextCost <= cost - 1e-4 * step * slope.dot(slope) { break }
        step /= 2
      }
      guard nextCost < cost else { break }
      let nextSlope = try await StackelbergImplicit.totalGradient(at: next, in: game)
      let (move, bend) = (next[0].plus(here[0], times: -1), nextSlope.plus(slope, times: -1))
      let product = move.dot(bend)
      step = product > 0 ? move.dot(move) / product : 2 * step
      (here, cost, slope) = (next, nextCost, nextSlope)
    }
    return here[0]
  }
}
