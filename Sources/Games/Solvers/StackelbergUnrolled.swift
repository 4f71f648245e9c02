/// The first player leads: it takes a step along the gradient through some of the followers' own steps.
///
/// The followers descend y_{t+1} = y_t - eta' G(x, y_t), and the leader differentiates its cost at the last y through
/// all of them, backwards. Metz, Poole, Pfau and Sohl-Dickstein, "Unrolled generative adversarial networks", 2017,
/// https://arxiv.org/abs/1611.02163. Of followers that are strongly convex it approaches the implicit gradient
/// geometrically with the number of steps.
///
/// Cost: for each of the followers' steps their gradients and two products of second derivatives for each pair.
public struct StackelbergUnrolled: Solver {
  /// The step size eta of the leader, above 0.
  public var stepSize: Double
  /// The step size eta' of the followers, above 0.
  public var followerStepSize: Double
  /// The followers' steps for each of the leader's, at least one.
  public var followerSteps: Int

  /// Creates the solver.
  public init(stepSize: Double, followerStepSize: Double, followerSteps: Int) {
    self.stepSize = stepSize
    self.followerStepSize = followerStepSize
    self.followerSteps = followerSteps
  }

  /// Only games with followers, who may choose any numbers.
  public func check(_ game: Game) throws(GameError) {
    guard game.players.count > 1 else {
      throw GameError("\(game.name): a leader needs followers; expected two players or more")
    }
    for player in game.players.dropFirst() where player.domain != .unbounded {
      throw GameError(
        "\(game.name): unrolled gradients need followers without bounds, but \(player.name) has some; expected another solver"
      )
    }
  }

  /// The leader's gradient through the followers' steps.
  ///
  /// - Parameters:
  ///   - profile: What all have chosen, from which the followers begin.
  ///   - game: The game.
  /// - Returns: The gradient, and where the followers have come.
  /// - Throws: What players throw.
  public func totalGradient(
    at profile: Profile, in game: Game
  ) async throws -> (gradient: [Double], end: Profile) {
    var path = [profile]
    for step in 0..<followerSteps {
      var next = path[step]
      for (place, player) in game.players.enumerated().dropFirst() {
        let slope = try await player.gradient(along: place, at: path[step])
        next[place].add(slope, times: -followerStepSize)
      }
      path.append(next)
    }
    let (leader, end) = (game.players[0], path[followerSteps])
    var gradient = try await leader.gradient(along: 0, at: end)
    var weights: Profile = [[Double](repeating: 0, count: profile[0].count)]
    for place in game.players.indices.dropFirst() {
      weights.append(try await leader.gradient(along: place, at: end))
    }
    for step in (0..<followerSteps).reversed() {
      let back = try await game.transposedJacobianProduct(with: weights, at: path[step])
      gradient.add(back[0], times: -followerStepSize)
      for place in weights.indices.dropFirst() {
        weights[place].add(back[place], times: -followerStepSize)
      }
    }
    return (gradient, end)
  }

  /// Makes a step.
  public func advance(_ state: inout SolverState, in game: Game) async throws {
    let (slope, end) = try await totalGradient(at: state.profile, in: game)
    state.profile = end
    state.profile[0] = game.players[0].domain.projection(
      of: state.profile[0].plus(slope, times: -stepSize))
  }
}
