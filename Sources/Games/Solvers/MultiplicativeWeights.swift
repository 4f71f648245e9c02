import Platform

/// Every action's probability is multiplied by exp(-eta cost) in each round (Hedge).
///
/// Freund and Schapire, "Adaptive game playing using multiplicative weights", 1999. With eta = sqrt(8 ln n / T) / range
/// the average of T rounds has at most range sqrt(ln n / (2 T)) regret, so that in a zero-sum game the averages'
/// exploitability is at most the sum of both players' bounds. The last round itself circles.
///
/// Cost: a gradient of each player for each round, which in a game of mixed strategies is each action's cost.
public struct MultiplicativeWeights: Solver {
  /// How the step size eta is chosen.
  public enum StepSize: Sendable, Hashable {
    /// The same for all players.
    case constant(Double)
    /// The one for which the bound of so many rounds is smallest, given the range between a player's largest and
    /// smallest cost of an action.
    case tuned(rounds: Int, range: Double)
  }

  /// How the step size is chosen.
  public var stepSize: StepSize

  /// Creates the solver.
  public init(stepSize: StepSize) { self.stepSize = stepSize }

  /// The sums of all costs so far.
  public var memorySize: Int { 1 }

  /// Only players that choose probabilities.
  public func check(_ game: Game) throws(GameError) {
    for player in game.players where player.domain != .simplex {
      throw GameError(
        "\(game.name): multiplicative weights are for probabilities of actions, which \(player.name) does not choose; expected another solver"
      )
    }
  }

  /// The largest regret per round, of a player with so many actions, that the tuned step size allows in the mean.
  public static func bound(actions: Int, rounds: Int, range: Double) -> Double {
    range * (log(Double(actions)) / (2 * Double(rounds))).squareRoot()
  }

  /// Makes a round.
  public func advance(_ state: inout SolverState, in game: Game) async throws {
    let costs = try await game.gradients(at: state.profile)
    for place in game.players.indices {
      let step = size(actions: state.profile[place].count)
      // The sums stand for the probabilities that the game began with, too.
      if state.steps == 0 {
        state.memory[0][place] = state.profile[place].map {
          -log(max($0, .leastNormalMagnitude)) / step
        }
      }
      state.memory[0][place].add(costs[place])
      let sums = state.memory[0][place]
      let least = sums.min() ?? 0
      let weights = sums.map { exp(-step * ($0 - least)) }
      state.profile[place] = weights.scaled(by: 1 / weights.reduce(0, +))
    }
  }

  private func size(actions: Int) -> Double {
    switch stepSize {
    case .constant(let size): size
    case .tuned(let rounds, let range):
      // With one action, or where all cost the same, every step size does the same.
      actions > 1 && range > 0
        ? (8 * log(Double(actions)) / Double(rounds)).squareRoot() / range : 1
    }
  }
}
