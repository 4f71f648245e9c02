import Platform

/// A solver as tables have it: its name, what it does, and what is known of it.
public struct SolverRow: Sendable {
  /// What a solver needs of the players beside a cost.
  public enum Need: String, Sendable, Hashable, Codable {
    /// Gradients.
    case gradients
    /// Gradients and products of second derivatives.
    case secondDerivatives
    /// Best responses.
    case bestResponses
    /// Probabilities as choices, and gradients, which are each action's cost.
    case probabilities
    /// Followers, for a first player that leads.
    case followers
  }

  /// What becomes of x^T A y, where no player ever has a reason to stop but at zero.
  public enum Fate: String, Sendable, Hashable, Codable {
    /// It closes in, if the step size is small enough.
    case converges
    /// It closes in to a few steps from rest, and no further.
    case approaches
    /// It circles.
    case cycles
    /// It leaves.
    case diverges
    /// It is not made for games without bounds.
    case undefined
  }

  /// The name.
  public let name: String
  /// What a step is, in words.
  public let summary: String
  /// What it needs.
  public let needs: Need
  /// What becomes of x^T A y under small steps.
  public let fate: Fate
  /// The modulus of a step on x^T A y as a formula of a = eta sigma; empty where there is none.
  public let formula: String
  /// The modulus of a step on x^T A y, given eta and a singular value sigma of A; `nil` where there is no formula.
  public let modulus: (@Sendable (_ stepSize: Double, _ sigma: Double) -> Double)?
  /// The solver with a step size, and otherwise its standard settings.
  public let make: @Sendable (_ stepSize: Double) -> any Solver

  init(
    _ name: String, _ summary: String, _ needs: Need, _ fate: Fate, formula: String = "",
    modulus: (@Sendable (Double, Double) -> Double)? = nil,
    make: @escaping @Sendable (Double) -> any Solver
  ) {
    self.name = name
    self.summary = summary
    self.needs = needs
    self.fate = fate
    self.formula = formula
    self.modulus = modulus
    self.make = make
  }
}

/// All solvers, one row each.
public enum SolverCatalogue {
  /// The rows.
  public static let rows: [SolverRow] = [
    SolverRow(
      "simultaneous", "a gradient step of every player, all at once", .gradients, .diverges,
      formula: "sqrt(1 + a^2)",
      modulus: { (1 + $0 * $0 * $1 * $1).squareRoot() },
      make: { SimultaneousGradient(stepSize: $0) }),
    SolverRow(
      "alternating", "a gradient step of every player, in turn", .gradients, .cycles,
      formula: "1 for a < 2",
      modulus: { eta, sigma in
        let half = eta * eta * sigma * sigma / 2 - 1
        return half <= 1 ? 1 : half + (half * half - 1).squareRoot()
      },
      make: { AlternatingGradient(stepSize: $0) }),
    SolverRow(
      "extragradient", "a step along the gradients a step further on", .gradients, .converges,
      formula: "sqrt(1 - a^2 + a^4)",
      modulus: { eta, sigma in
        let square = eta * eta * sigma * sigma
        return (1 - square + square * square).squareRoot()
      },
      make: { Extragradient(stepSize: $0) }),
    SolverRow(
      "optimistic", "a step along the gradients expected next", .gradients, .converges,
      formula: "sqrt((1 + sqrt(1 - 4 a^2)) / 2) for a <= 1/2",
      modulus: { eta, sigma in
        let a = eta * sigma
        guard a > 0.5 else { return ((1 + (1 - 4 * a * a).squareRoot()) / 2).squareRoot() }
        let part = 2 * a + (4 * a * a - 1).squareRoot()
        return (1 + part * part).squareRoot() / 2
      },
      make: { OptimisticGradient(stepSize: $0) }),
    SolverRow(
      "extra-adam", "Adam along the gradients a step further on", .gradients, .approaches,
      make: { ExtraAdam(stepSize: $0) }),
    SolverRow(
      "consensus", "a step that also shortens all gradients", .secondDerivatives, .converges,
      formula: "sqrt((1 - eta gamma sigma^2)^2 + a^2)",
      modulus: { eta, sigma in
        let rest = 1 - eta * sigma * sigma
        return (rest * rest + eta * eta * sigma * sigma).squareRoot()
      },
      make: { ConsensusOptimization(stepSize: $0) }),
    SolverRow(
      "negative-momentum", "alternating steps pulled back along the last move", .gradients,
      .converges,
      make: { NegativeMomentum(stepSize: $0) }),
    SolverRow(
      "proximal-point", "a step along the gradients where it ends", .secondDerivatives, .converges,
      formula: "1 / sqrt(1 + a^2)",
      modulus: { 1 / (1 + $0 * $0 * $1 * $1).squareRoot() },
      make: { ProximalPoint(stepSize: $0) }),
    SolverRow(
      "fictitious-play", "best responses to the averages so far", .bestResponses, .undefined,
      make: { _ in FictitiousPlay() }),
    SolverRow(
      "multiplicative-weights", "probabilities times exp(-eta cost)", .probabilities, .undefined,
      make: { MultiplicativeWeights(stepSize: .constant($0)) }),
    SolverRow(
      "best-response", "best responses in turn; repeated risk minimisation", .bestResponses,
      .undefined,
      make: { _ in BestResponseDynamics() }),
    SolverRow(
      "repeated-gradient", "a gradient step of the first player, which the others answer best",
      .bestResponses, .undefined,
      make: { RepeatedGradient(stepSize: $0) }),
    SolverRow(
      "affine-risk", "retraining on a mixture of past snapshots", .bestResponses, .undefined,
      make: { _ in AffineRiskMinimization() }),
    SolverRow(
      "stackelberg-implicit", "the leader's gradient through the followers' best responses",
      .followers, .undefined,
      make: { StackelbergImplicit(stepSize: $0) }),
    SolverRow(
      "stackelberg-unrolled", "the leader's gradient through steps of the followers", .followers,
      .undefined,
      make: {
        StackelbergUnrolled(stepSize: $0, followerStepSize: $0, followerSteps: 20)
      }),
  ]

  /// The row of a name.
  ///
  /// - Throws: `GameError` that lists the solvers.
  public static func row(_ name: String) throws(GameError) -> SolverRow {
    guard let row = rows.first(where: { $0.name == name }) else {
      throw GameError(
        "there is no solver '\(name)'; there are \(rows.map(\.name).joined(separator: ", "))")
    }
    return row
  }
}
