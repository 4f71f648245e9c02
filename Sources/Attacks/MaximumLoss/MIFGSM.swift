public import Robustness
import Tensors

/// The momentum iterative method.
///
/// v <- mu v + g / mean |g|; z <- step(z, v, alpha), from x: for L-infinity the projection of z + alpha sign(v). The
/// paper divides by the sum of magnitudes, which gives the same steps.
///
/// Dong, Liao, Pang, Su, Zhu, Hu and Li, "Boosting adversarial attacks with momentum", 2018,
/// https://arxiv.org/abs/1710.06081.
///
/// Where the objective is not defined the margin takes its place; see `APGD`.
///
/// Cost: at most `steps` gradients; it stops where the goal is reached. Guarantee: as `BIM`.
public struct MIFGSM: GradientAttack {
  /// The name on the command line.
  public static let name = "mi-fgsm"

  /// The number of steps.
  public var steps = 10
  /// The length of a step in the threat's norm; `nil` for the radius divided by the number of steps.
  public var stepSize: Double?
  /// The share mu of past gradients kept at each step.
  public var decay = 1.0
  /// What to maximise.
  public var loss = Loss.crossEntropy

  /// Creates the attack with its standard options.
  public init() {}

  /// The options.
  public static let options: [AttackOption<Self>] = [
    .steps(\.steps), .stepSize(\.stepSize, .radiiPerStep(1)), .decay(\.decay), .objective(\.loss),
  ]

  /// A gradient per step.
  public var budget: Passes { .gradients(steps) }

  /// Climbs.
  public func maximize(_ problem: Problem, using oracle: Oracle) async throws -> Candidate {
    var velocity = Velocity(decay: decay)
    return try await GradientAscent(
      problem, using: oracle, loss, steps: steps, stepSize: stepSize
    ).climb { answer, _, _ in velocity.add(answer.gradient) }
  }
}
