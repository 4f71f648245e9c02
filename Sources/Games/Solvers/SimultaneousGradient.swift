/// Every player takes a step along its own gradient, all at once: z <- z - eta F(z).
///
/// F has each player's gradient of its own cost. On x^T A y the modulus of a step is sqrt(1 + a^2) with a = eta sigma,
/// so that it spirals outward for every step size.
///
/// Cost: a gradient of each player for each step.
public struct SimultaneousGradient: Solver {
  /// The step size eta, above 0.
  public var stepSize: Double

  /// Creates the solver.
  public init(stepSize: Double) { self.stepSize = stepSize }

  /// Makes a step.
  public func advance(_ state: inout SolverState, in game: Game) async throws {
    let gradients = try await game.gradients(at: state.profile)
    state.profile = game.descended(from: state.profile, along: gradients, by: stepSize)
  }
}
