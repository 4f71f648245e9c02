/// A step along the gradients that hold a step further on: w = z - eta F(z), then z <- z - eta F(w).
///
/// Korpelevich, "The extragradient method for finding saddle points and other problems", 1976. On x^T A y the modulus
/// is sqrt(1 - a^2 + a^4) with a = eta sigma: it closes in for a < 1, fastest at a^2 = 1/2. It also does where the sign
/// of A alternates (Feng, Li, Panageas and Wang, "Last-iterate convergence separation between extra-gradient and
/// optimism in constrained periodic games", 2024, https://arxiv.org/abs/2406.10605).
///
/// Cost: two gradients of each player for each step.
public struct Extragradient: Solver {
  /// The step size eta, above 0.
  public var stepSize: Double

  /// Creates the solver.
  public init(stepSize: Double) { self.stepSize = stepSize }

  /// Makes a step.
  public func advance(_ state: inout SolverState, in game: Game) async throws {
    let slopes = try await game.gradients(at: state.profile)
    let ahead = game.descended(from: state.profile, along: slopes, by: stepSize)
    let slopesAhead = try await game.gradients(at: ahead)
    state.profile = game.descended(from: state.profile, along: slopesAhead, by: stepSize)
  }
}
