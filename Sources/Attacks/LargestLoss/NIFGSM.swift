public import Models
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
public struct NIFGSM: ConfigurableAttack {
  /// The name on the command line.
  public static let name = "ni-fgsm"
  /// Gradients.
  public static let knowledge = Knowledge.gradients

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
    let objective = problem.objective(preferring: loss, outputCount: oracle.outputCount)
    let region = try problem.region
    let stepSize = stepSize ?? region.radius / Double(max(steps, 1))
    let isBox = problem.threat.norm == .infinity
    var velocity = Velocity(decay: decay)
    var z = region.center
    for _ in 0..<steps {
      var ahead = z
      if let velocity = velocity.value, decay > 0 {
        ahead =
          isBox
          ? region.projection(of: z + Float(stepSize * decay) * velocity)
          : region.step(from: z, along: velocity, length: stepSize * decay)
      }
      let answer = try await oracle.gradient(at: ahead, of: objective)
      if answer.reachesGoal { return Candidate(ahead) }
      z = region.step(from: z, along: velocity.add(answer.gradient), length: stepSize)
    }
    return Candidate(z)
  }
}
