/// Every player takes a step along its own gradient, in turn: each sees what those before it have just chosen.
///
/// On x^T A y the modulus of a step is 1 for a = eta sigma < 2: the path neither closes in nor leaves, but circles.
///
/// Cost: a gradient of each player for each step.
public struct AlternatingGradient: Solver {
  /// The step size eta, above 0.
  public var stepSize: Double

  /// Creates the solver.
  public init(stepSize: Double) { self.stepSize = stepSize }

  /// Makes a step.
  public func advance(_ state: inout SolverState, in game: Game) async throws {
    for (place, player) in game.players.enumerated() {
      let slope = try await player.gradient(along: place, at: state.profile)
      state.profile[place] = player.domain.projection(
        of: state.profile[place].plus(slope, times: -stepSize))
    }
  }
}
