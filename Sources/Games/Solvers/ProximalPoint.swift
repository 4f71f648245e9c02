/// A step along the gradients of where it leads: z' = z - eta F(z').
///
/// Rockafellar, "Monotone operators and the proximal point algorithm", 1976. On x^T A y the modulus is 1 / sqrt(1 +
/// a^2) with a = eta sigma: it closes in for every step size. It is what extragradient and optimistic steps approximate
/// (Mokhtari, Ozdaglar and Pattathil, 2020, https://arxiv.org/abs/1901.08511).
///
/// The equation is solved by Newton's method, exactly up to rounding. Cost: for each of a few iterations the gradients
/// and a linear system in products of second derivatives.
public struct ProximalPoint: Solver {
  /// The step size eta, above 0.
  public var stepSize: Double

  /// Creates the solver.
  public init(stepSize: Double) { self.stepSize = stepSize }

  /// The most iterations of Newton's method.
  private static let mostIterations = 50

  /// Only players that may choose any numbers.
  public func check(_ game: Game) throws(GameError) {
    for player in game.players where player.domain != .unbounded {
      throw GameError(
        "\(game.name): proximal points are found where all numbers are allowed, but \(player.name) is bounded; expected another solver"
      )
    }
  }

  /// Makes a step.
  ///
  /// - Throws: `GameError` where Newton's method finds no point; what players throw.
  public func advance(_ state: inout SolverState, in game: Game) async throws {
    let start = state.profile
    var point = start
    for _ in 0..<Self.mostIterations {
      let field = try await game.gradients(at: point)
      let rest = point.plus(start, times: -1).plus(field, times: stepSize)
      guard rest.norm > 1e-13 * max(1, point.norm) else {
        state.profile = point
        return
      }
      let here = point
      let move = try await LeastSquares.solve(rest) { direction in
        direction.plus(
          try await game.jacobianProduct(with: direction, at: here), times: stepSize)
      } transposed: { weights in
        weights.plus(
          try await game.transposedJacobianProduct(with: weights, at: here), times: stepSize)
      }
      let next = point.plus(move, times: -1)
      // Where a step no longer changes anything, rounding is all that is left.
      guard next.distance(to: point) > 1e-15 * max(1, point.norm) else {
        state.profile = next
        return
      }
      point = next
    }
    let field = try await game.gradients(at: point)
    let rest = point.plus(start, times: -1).plus(field, times: stepSize).norm
    guard rest < 1e-9 * max(1, point.norm) else {
      throw GameError(
        "\(game.name): no proximal point was found in \(Self.mostIterations) iterations; expected a smaller step size"
      )
    }
    state.profile = point
  }
}
