/// Every player moves to its best response: in turn, or all at once.
///
/// In turn, with a learner first and the people it is about second, this is repeated risk minimisation (Perdomo et al.,
/// "Performative prediction", 2020, https://arxiv.org/abs/2002.06673). What it comes to rest at is an equilibrium.
///
/// Cost: a best response of each player for each step.
public struct BestResponseDynamics: Solver {
  /// Whether each player answers what was chosen a step before, rather than what those before it have just chosen.
  public var isSimultaneous: Bool

  /// Creates the solver.
  public init(isSimultaneous: Bool = false) { self.isSimultaneous = isSimultaneous }

  /// Makes a step.
  ///
  /// - Throws: `GameError` where a player cannot say its best response; what players throw.
  public func advance(_ state: inout SolverState, in game: Game) async throws {
    if state.steps == 0 { try await game.checkBestResponses(for: "best-response dynamics") }
    let old = state.profile
    for (place, player) in game.players.enumerated() {
      let seen = isSimultaneous ? old : state.profile
      guard let best = try await player.bestResponse(to: seen, at: place) else { continue }
      state.profile[place] = best
    }
  }
}
