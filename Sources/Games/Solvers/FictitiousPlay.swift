/// Every player answers best to how often the others have played what so far; the profile is these averages.
///
/// Brown, "Iterative solution of games by fictitious play", 1951. In zero-sum games the averages approach an
/// equilibrium (Robinson, 1951); in others they may circle for ever (Shapley, 1964).
///
/// Cost: a best response of each player for each step.
public struct FictitiousPlay: Solver {
  /// Creates the solver.
  public init() {}

  /// Makes a step: the averages move toward the best responses by 1 / (t + 2) in step t, from 0.
  ///
  /// - Throws: `GameError` where a player cannot say its best response; what players throw.
  public func advance(_ state: inout SolverState, in game: Game) async throws {
    if state.steps == 0 { try await game.checkBestResponses(for: "fictitious play") }
    let old = state.profile
    for (place, player) in game.players.enumerated() {
      guard let best = try await player.bestResponse(to: old, at: place) else { continue }
      state.profile[place] = old[place].plus(
        best.plus(old[place], times: -1), times: 1 / Double(state.steps + 2))
    }
  }
}
