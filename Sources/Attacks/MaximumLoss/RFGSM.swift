public import Robustness
import Tensors

/// R+FGSM: a random step, then steps along the gradient.
///
/// u = step(x, n, alpha) with n standard normal, x + alpha sign(n) for L-infinity; then z <- step(z, g, eps - alpha) from
/// u. The paper takes one step after the random one and alpha = eps / 2.
///
/// Tramèr, Kurakin, Papernot, Goodfellow, Boneh and McDaniel, "Ensemble adversarial training: attacks and defenses",
/// 2018, https://arxiv.org/abs/1705.07204.
///
/// Where the objective is not defined the margin takes its place; see `APGD`.
///
/// Cost: `steps` gradients; it stops where the goal is reached. Guarantee: none.
public struct RFGSM: GradientAttack {
  /// The name on the command line.
  public static let name = "r-fgsm"

  /// The number of steps after the random one.
  public var steps = 1
  /// The length of the random step in the threat's norm; `nil` for half the radius.
  public var randomStep: Double?
  /// How often to try.
  public var restarts = 1
  /// What to maximise.
  public var loss = Loss.crossEntropy

  /// Creates the attack with its standard options.
  public init() {}

  /// The options.
  public static let options: [AttackOption<Self>] = [
    .steps(\.steps),
    .number(
      "random-step", \.randomStep, 0...1e30, "length of the random step in the threat's norm",
      rule: .radii(0.5)),
    .restarts(\.restarts), .objective(\.loss),
  ]

  /// A gradient per step.
  public var budget: Passes { .gradients(steps) }

  /// Steps at random, then along the gradient.
  public func maximize(_ problem: Problem, using oracle: Oracle) async throws -> Candidate {
    let region = try problem.region
    let randomStep = randomStep ?? region.radius / 2
    var randomness = oracle.randomness("step")
    let start = region.step(
      from: region.center, along: randomness.normals(region.center.shape), length: randomStep)
    return try await GradientAscent(
      problem, using: oracle, loss, steps: steps, stepSize: max(region.radius - randomStep, 0)
    ).climb(from: start) { answer, _, _ in answer.gradient }
  }
}
