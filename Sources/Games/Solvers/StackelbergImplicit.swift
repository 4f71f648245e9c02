/// The first player leads: it takes a step along its total gradient, which counts how the others will answer.
///
/// Where the followers rest, their gradients G are zero and stay so, hence dy/dx = -(dG/dy)^-1 dG/dx, and the leader's
/// total gradient is df/dx - (dG/dx)^T (dG/dy)^-T df/dy (the implicit function theorem). Fiez, Chasnov and Ratliff,
/// "Implicit learning dynamics in Stackelberg games", 2020, https://arxiv.org/abs/1906.01217.
///
/// Cost: best responses of the followers, two gradients of the leader, and a linear system in products of the
/// followers' second derivatives, for each step.
public struct StackelbergImplicit: Solver {
  /// The step size eta of the leader, above 0.
  public var stepSize: Double

  /// Creates the solver.
  public init(stepSize: Double) { self.stepSize = stepSize }

  /// Only games with followers, who may choose any numbers.
  public func check(_ game: Game) throws(GameError) {
    guard game.players.count > 1 else {
      throw GameError("\(game.name): a leader needs followers; expected two players or more")
    }
    for player in game.players.dropFirst() where player.domain != .unbounded {
      throw GameError(
        "\(game.name): implicit gradients need followers without bounds, but \(player.name) has some; expected stackelberg-unrolled"
      )
    }
  }

  /// The leader's total gradient.
  ///
  /// - Parameters:
  ///   - profile: What all have chosen, the followers' best responses among it.
  ///   - game: The game.
  /// - Returns: As many numbers as the leader chooses.
  /// - Throws: What players throw; `GameError` where second derivatives are not finite.
  public static func totalGradient(at profile: Profile, in game: Game) async throws -> [Double] {
    let leader = game.players[0]
    let direct = try await leader.gradient(along: 0, at: profile)
    var pull: Profile = []
    for place in game.players.indices.dropFirst() {
      pull.append(try await leader.gradient(along: place, at: profile))
    }
    let none = [Double](repeating: 0, count: profile[0].count)
    let weights = try await LeastSquares.solve(pull) { vector in
      let all = try await game.transposedJacobianProduct(with: [none] + vector, at: profile)
      return Array(all.dropFirst())
    } transposed: { vector in
      let all = try await game.jacobianProduct(with: [none] + vector, at: profile)
      return Array(all.dropFirst())
    }
    let through = try await game.transposedJacobianProduct(with: [none] + weights, at: profile)
    return direct.plus(through[0], times: -1)
  }

  /// Makes a step.
  ///
  /// - Throws: `GameError` where a follower cannot say its best response; what players throw.
  public func advance(_ state: inout SolverState, in game: Game) async throws {
    if state.steps == 0 {
      try await game.checkBestResponses(for: "the implicit gradient", from: 1)
      try await game.answer(&state.profile)
    }
    let slope = try await Self.totalGradient(at: state.profile, in: game)
    state.profile[0] = game.players[0].domain.projection(
      of: state.profile[0].plus(slope, times: -stepSize))
    try await game.answer(&state.profile)
  }
}
