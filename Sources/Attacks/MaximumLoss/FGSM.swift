public import Robustness
import Tensors

/// The fast gradient sign method: one step along the gradient.
///
/// x' = argmax over x' in P(x) of <g, x'>, with g the gradient of L at x: for L-infinity x + eps
/// sign(g), cut by the bounds. With a random start (R+FGSM, "fast is better than free") x' = Proj(u
/// + alpha direction(g(u))) with u uniform in P(x).
///
/// Goodfellow, Shlens and Szegedy, "Explaining and harnessing adversarial examples", 2015,
/// https://arxiv.org/abs/1412.6572; Wong, Rice and Kolter, 2020, https://arxiv.org/abs/2001.03994.
///
/// Cost: 1 forward, 1 backward. Guarantee: without a random start, exact where L increases with
/// one linear function of the input, as on affine two-class models.
public struct FGSM: GradientAttack {
  /// The name on the command line.
  public static let name = "fgsm"

  /// What to maximise.
  public var loss = Loss.crossEntropy
  /// Whether to begin at a random point of the threat.
  public var randomStart = false
  /// The length of the step in the threat's norm; `nil` for the farthest point of the threat along
  /// the gradient, or 1.25 radii after a random start.
  public var stepSize: Double?
  /// How often to try; more than once is of use with a random start only.
  public var restarts = 1

  /// Creates the attack with its standard options.
  public init() {}

  /// The options.
  public static let options: [AttackOption<Self>] = [
    .objective(\.loss), .randomStart(\.randomStart),
    .stepSize(\.stepSize, .words("to the farthest point; 1.25 × the radius after a random start")),
    .restarts(\.restarts),
  ]

  /// One gradient.
  public var budget: Passes { .gradients(1) }

  /// Takes the step.
  public func maximize(_ problem: Problem, using oracle: Oracle) async throws -> Candidate {
    let objective = try problem.objective(loss, outputCount: oracle.outputCount)
    let region = try problem.region
    var randomness = oracle.randomness("start")
    let ascent = GradientAscent(
      objective, in: region, using: oracle, steps: 1, stepSize: stepSize, radii: 1.25)
    if randomStart || stepSize != nil {
      return try await ascent.climb(
        from: randomStart ? region.sample(using: &randomness) : nil
      ) { answer, _, _ in answer.gradient }
    }
    let answer = try await oracle.gradient(at: region.center, of: objective)
    return Candidate(
      answer.reachesGoal ? region.center : region.maximizer(of: answer.gradient))
  }
}
