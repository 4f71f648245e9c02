/// A step that also lowers the length of all gradients together: z <- z - eta (F + gamma J^T F)(z), J the Jacobian of
/// F.
///
/// Mescheder, Nowozin and Geiger, "The numerics of GANs", 2017, https://arxiv.org/abs/1705.10461. On x^T A y the
/// modulus is sqrt((1 - eta gamma sigma^2)^2 + eta^2 sigma^2): gamma decides.
///
/// Cost: a gradient of each player and a product of second derivatives for each pair of players, for each step.
public struct ConsensusOptimization: Solver {
  /// The step size eta, above 0.
  public var stepSize: Double
  /// The weight gamma of the squared length of all gradients, at least 0.
  public var weight: Double

  /// Creates the solver.
  public init(stepSize: Double, weight: Double = 1) {
    self.stepSize = stepSize
    self.weight = weight
  }

  /// Makes a step.
  public func advance(_ state: inout SolverState, in game: Game) async throws {
    let gradients = try await game.gradients(at: state.profile)
    let pull = try await game.transposedJacobianProduct(with: gradients, at: state.profile)
    state.profile = game.descended(
      from: state.profile, along: gradients.plus(pull, times: weight), by: stepSize)
  }
}
