public import Robustness
import Tensors

/// The basic iterative method: small steps along the gradient, from the example.
///
/// z_0 = x; z <- step(z, g, alpha), the projection onto ball and bounds of z + alpha sign(g) for L-infinity. The paper's
/// alpha is one level of 255 and its number of steps 1.25 eps in levels, so alpha is 1.25 radii divided by the number
/// of steps here unless it is given.
///
/// Kurakin, Goodfellow and Bengio, "Adversarial examples in the physical world", 2017,
/// https://arxiv.org/abs/1607.02533.
///
/// Where the objective is not defined the margin takes its place; see `APGD`.
///
/// Cost: at most `steps` gradients; it stops where the goal is reached. Guarantee: none where bounds cut L2 steps; for
/// L-infinity, L1 and L0 the best gain on affine two-class models.
public struct BIM: GradientAttack {
  /// The name on the command line.
  public static let name = "bim"

  /// The number of steps.
  public var steps = 10
  /// The length of a step in the threat's norm; `nil` for 1.25 radii divided by the number of steps.
  public var stepSize: Double?
  /// What to maximise.
  public var loss = Loss.crossEntropy

  /// Creates the attack with its standard options.
  public init() {}

  /// The options.
  public static let options: [AttackOption<Self>] = [
    .steps(\.steps), .stepSize(\.stepSize, .radiiPerStep(1.25)), .objective(\.loss),
  ]

  /// A gradient per step.
  public var budget: Passes { .gradients(steps) }

  /// Climbs.
  public func maximize(_ problem: Problem, using oracle: Oracle) async throws -> Candidate {
    try await GradientAscent(
      problem, using: oracle, loss, steps: steps, stepSize: stepSize, radii: 1.25
    ).climb { answer, _, _ in answer.gradient }
  }
}
