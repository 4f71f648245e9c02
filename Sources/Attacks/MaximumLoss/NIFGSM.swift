public import Robustness
import Tensors

/// Nesterov's accelerated gradient: the gradient is taken where the momentum is about to lead.
///
/// g at Proj(z + alpha mu v); v <- mu v + g / mean |g|; z <- step(z, v, alpha), from x. For other norms than L-infinity
/// the look ahead is step(z, v, alpha mu). The projection is ours: so every question is about a point of the threat.
///
/// Lin, Song, He, Wang and Hopcroft, "Nesterov accelerated gradient and scale invariance for adversarial attacks",
/// 2020, https://arxiv.org/abs/1908.06281.
///
/// Where the objective is not defined the margin takes its place; see `APGD`.
///
/// Cost: at most `steps` gradients; it stops where the goal is reached. Guarantee: as `BIM`.
public struct NIFGSM: GradientAttack {
  /// The name on the command line.
  public static let name = "ni-fgsm"

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
    let ascent = try GradientAscent(
      problem, using: oracle, loss, steps: steps, stepSize: stepSize)
    let region = ascent.region
    let length = ascent.stepSize * decay
    let isBox = problem.threat.norm == .infinity
    var velocity = Velocity(decay: decay)
    func ahead(_ z: Tensor<Float>) -> Tensor<Float> {
      guard let velocity = velocity.value, decay > 0 else { return z }
      return isBox
        ? region.projection(of: z.advanced(by: Float(length), along: velocity))
        : region.step(from: z, along: velocity, length: length)
    }
    return try await ascent.climb(lookingAt: ahead) { answer, _, _ in
      velocity.add(answer.gradient)
    }
  }
}
