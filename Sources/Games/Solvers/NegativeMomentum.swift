/// Alternating gradients with a pull back along the last move: z_i <- z_i - eta F_i(z) + beta (z_i - z_i before), beta
/// < 0.
///
/// Gidel et al., "Negative momentum for improved game dynamics", 2019, https://arxiv.org/abs/1807.04740: with beta =
/// -1/2 alternating steps close in on x^T A y, which no positive momentum makes them do.
///
/// Cost: a gradient of each player for each step; it remembers the last move.
public struct NegativeMomentum: Solver {
  /// The step size eta, above 0.
  public var stepSize: Double
  /// The momentum beta.
  public var momentum: Double

  /// Creates the solver.
  public init(stepSize: Double, momentum: Double = -0.5) {
    self.stepSize = stepSize
    self.momentum = momentum
  }

  /// The last move.
  public var memorySize: Int { 1 }

  /// Makes a step.
  public func advance(_ state: inout SolverState, in game: Game) async throws {
    for (place, player) in game.players.enumerated() {
      let slope = try await player.gradient(along: place, at: state.profile)
      let old = state.profile[place]
      let move = state.memory[0][place].scaled(by: momentum).plus(slope, times: -stepSize)
      state.profile[place] = player.domain.projection(of: old.plus(move))
      state.memory[0][place] = state.profile[place].plus(old, times: -1)
    }
  }
}
