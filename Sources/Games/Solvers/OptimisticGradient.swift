/// A step along what the next gradients will probably be: z <- z - eta (2 F(z) - F(z before)).
///
/// Daskalakis, Ilyas, Syrgkanis and Zeng, "Training GANs with optimism", 2018, https://arxiv.org/abs/1711.00141. On x^T
/// A y the modulus is sqrt((1 + sqrt(1 - 4 a^2)) / 2) for a = eta sigma <= 1/2 and sqrt(1 + (2 a + sqrt(4 a^2 - 1))^2)
/// / 2 beyond, below 1 for a < 1 / sqrt 3. Where the sign of A alternates it leaves.
///
/// Cost: a gradient of each player for each step; it remembers the last ones.
public struct OptimisticGradient: Solver {
  /// The step size eta, above 0.
  public var stepSize: Double

  /// Creates the solver.
  public init(stepSize: Double) { self.stepSize = stepSize }

  /// The gradients of the last step.
  public var memorySize: Int { 1 }

  /// Makes a step; the first is one of plain gradients.
  public func advance(_ state: inout SolverState, in game: Game) async throws {
    let gradients = try await game.gradients(at: state.profile)
    let before = state.steps == 0 ? gradients : state.memory[0]
    let guess = gradients.plus(gradients.plus(before, times: -1))
    state.profile = game.descended(from: state.profile, along: guess, by: stepSize)
    state.memory[0] = gradients
  }
}
