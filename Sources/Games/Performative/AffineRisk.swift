/// A learner that can be trained on a mixture of what others have done at several times.
public protocol MixtureLearner: Player {
  /// What costs least in the weighted mean over several profiles, of which only what others chose counts.
  ///
  /// - Parameter parts: Weights with the sum 1, and profiles; the last is the newest.
  /// - Returns: The best numbers.
  /// - Throws: What keeps the player from finding them.
  func bestResponse(
    toMixture parts: [(weight: Double, profile: Profile)]
  ) async throws -> [Double]
}

/// Repeated retraining on a mixture of past snapshots, not on the newest alone (affine risk minimisers).
///
/// theta_{t+1} minimises sum_i alpha_i E over D(theta_{t-i}). Where plain retraining overshoots, older snapshots damp
/// it: with equal weights of two, a factor -r of retraining is that of lambda^2 + r (lambda + 1) / 2, within the unit
/// circle for r < 2. Khorsandi, Gupta, Mofakhami, Mitliagkas and Gidel, "Tight lower bounds and improved convergence in
/// performative prediction", 2024, https://arxiv.org/abs/2412.03671.
///
/// Cost: a best response to a mixture by the learner and best responses of the others for each step; it remembers as
/// many profiles as there are weights.
public struct AffineRiskMinimization: Solver {
  /// How much each snapshot counts, the newest first; the sum is 1.
  public var weights: [Double]

  /// Creates the solver; equal weights of two snapshots by default.
  public init(weights: [Double] = [0.5, 0.5]) { self.weights = weights }

  /// The snapshots.
  public var memorySize: Int { weights.count }

  /// Only games whose first player learns from mixtures, and weights with the sum 1.
  public func check(_ game: Game) throws(GameError) {
    guard game.players[0] is any MixtureLearner else {
      throw GameError(
        "\(game.name): \(game.players[0].name) does not learn from mixtures; expected another solver"
      )
    }
    guard abs(weights.reduce(0, +) - 1) < 1e-9 else {
      throw GameError("weights of snapshots add up to \(weights.reduce(0, +)); expected 1")
    }
  }

  /// Makes a step.
  ///
  /// - Throws: `GameError` where one of the others cannot say its best response; what players throw.
  public func advance(_ state: inout SolverState, in game: Game) async throws {
    guard let learner = game.players[0] as? any MixtureLearner else { return }
    if state.steps == 0 {
      try await game.checkBestResponses(for: "affine risk minimisation", from: 1)
      // Before the first model nobody has answered any.
      try await game.answer(&state.profile)
      state.memory = [Profile](repeating: state.profile, count: weights.count)
    }
    // The newest profile comes last.
    let parts = zip(weights, state.memory).reversed().map { (weight: $0.0, profile: $0.1) }
    state.profile[0] = try await learner.bestResponse(toMixture: parts)
    try await game.answer(&state.profile)
    state.memory = [state.profile] + state.memory.dropLast()
  }
}
