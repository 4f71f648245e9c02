import Platform

/// Adam with a look ahead: a step of Adam to a point, and from where it began, a step of Adam by the gradients there.
///
/// Gidel, Berard, Vignoud, Vincent and Lacoste-Julien, "A variational inequality perspective on generative adversarial
/// networks", 2019, https://arxiv.org/abs/1802.10551, algorithm 4. Steps keep the length of the step size whatever the
/// gradients' scale, so that on x^T A y it closes in to a few steps from rest, and no further.
///
/// Cost: two gradients of each player for each step; it remembers two profiles of moments.
public struct ExtraAdam: Solver {
  /// The step size, above 0.
  public var stepSize: Double
  /// How much of the mean gradient is kept from one gradient to the next, below 1.
  public var firstDecay = 0.5
  /// How much of the mean squared gradient is kept, below 1.
  public var secondDecay = 0.9
  /// Added to the root of the mean square.
  public var epsilon = 1e-8

  /// Creates the solver.
  public init(stepSize: Double) { self.stepSize = stepSize }

  /// The mean gradients and the mean squared gradients.
  public var memorySize: Int { 2 }

  /// Makes a step.
  public func advance(_ state: inout SolverState, in game: Game) async throws {
    let start = state.profile
    for part in 1...2 {
      let gradients = try await game.gradients(at: state.profile)
      state.memory[0] = moment(state.memory[0], gradients, firstDecay)
      state.memory[1] = moment(
        state.memory[1], gradients.map { $0.map { $0 * $0 } }, secondDecay)
      let count = 2 * state.steps + part
      let (first, second) = (1 - power(firstDecay, count), 1 - power(secondDecay, count))
      let move = zip(state.memory[0], state.memory[1]).map { means, squares in
        zip(means, squares).map { ($0 / first) / (($1 / second).squareRoot() + epsilon) }
      }
      state.profile = game.descended(from: start, along: move, by: stepSize)
    }
  }

  private func moment(_ old: Profile, _ new: Profile, _ decay: Double) -> Profile {
    zip(old, new).map { $0.scaled(by: decay).plus($1, times: 1 - decay) }
  }

  private func power(_ base: Double, _ count: Int) -> Double { pow(base, Double(count)) }
}
