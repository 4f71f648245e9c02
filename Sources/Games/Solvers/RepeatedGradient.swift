/// The first player takes a step along its gradient, and all others answer best: repeated gradient descent.
///
/// Perdomo et al., "Performative prediction", 2020, https://arxiv.org/abs/2002.06673, section 3.3. It comes to rest
/// where repeated risk minimisation does. The learner does not know that the others will answer; see
/// `StackelbergImplicit`.
///
/// Cost: a gradient of the first player and best responses of the others for each step.
public struct RepeatedGradient: Solver {
  /// The step size eta, above 0.
  public var stepSize: Double

  /// Creates the solver.
  public init(stepSize: Double) { self.stepSize = stepSize }

  /// Makes a step.
  ///
  /// - Throws: `GameError` where one of the others cannot say its best response; what players throw.
  public func advance(_ state: inout SolverState, in game: Game) async throws {
    if state.steps == 0 {
      try await game.checkBestResponses(for: "repeated gradient descent", from: 1)
      try await game.answer(&state.profile)
    }
    let slope = try await game.players[0].gradient(along: 0, at: state.profile)
    state.profile[0] = game.players[0].domain.projection(
      of: state.profile[0].plus(slope, times: -stepSize))
    try await game.answer(&state.profile)
  }
}

extension Game {
  /// Lets all players but the first answer best, one after the other.
  func answer(_ profile: inout Profile) async throws {
    for (place, player) in players.enumerated().dropFirst() {
      if let best = try await player.bestResponse(to: profile, at: place) { profile[place] = best }
    }
  }
}
