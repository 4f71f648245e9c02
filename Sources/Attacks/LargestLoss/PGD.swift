public import Models
public import Robustness
import Tensors

/// Projected gradient ascent.
///
/// z <- step(z, v, alpha) = Proj(z + alpha direction(v)), v <- mu v + g / mean |g| with momentum mu, else v = g: for
/// L-infinity the direction is sign(v), for L2 v / ||v||. The projection is onto ball and bounds
/// together.
///
/// Madry, Makelov, Schmidt, Tsipras and Vladu, "Towards deep learning models resistant to
/// adversarial attacks", 2018, https://arxiv.org/abs/1706.06083; the momentum is that of Dong et
/// al., 2018, https://arxiv.org/abs/1710.06081.
///
/// Cost: at most `steps` forwards and backwards per attempt; it stops where the goal is reached.
/// Guarantee: on affine two-class models, the best margin gain up to a factor of 1.05 with the
/// standard options.
public struct PGD: ConfigurableAttack {
  /// The name on the command line.
  public static let name = "pgd"
  /// Gradients.
  public static let knowledge = Knowledge.gradients

  /// The number of steps.
  public var steps = 40
  /// The length of a step in the threat's norm; `nil` for 2.5 radii divided by the number of steps.
  public var stepSize: Double?
  /// Whether to begin at a random point of the threat, not at the example.
  public var randomStart = true
  /// How often to try.
  public var restarts = 1
  /// The share of past gradients kept at each step, 0 for none.
  public var momentum = 0.0
  /// What to maximise.
  public var loss = Loss.crossEntropy

  /// Creates the attack with its standard options.
  public init() {}

  /// The options.
  public static let options: [AttackOption<Self>] = [
    .steps(\.steps), .stepSize(\.stepSize, .radiiPerStep(2.5)), .restarts(\.restarts),
    .momentum(\.momentum, upTo: 10), .objective(\.loss), .randomStart(\.randomStart),
  ]

  /// A gradient per step.
  public var budget: Passes { .gradients(steps) }

  /// Climbs.
  public func maximize(_ problem: Problem, using oracle: Oracle) async throws -> Candidate {
    let objective = try problem.objective(loss, outputCount: oracle.outputCount)
    return Candidate(
      try await climb(
        objective, in: try problem.region, using: oracle, oracle.randomness("start")))
  }

  /// One ascent.
  ///
  /// - Returns: The last point, or the first that reaches the goal.
  func climb(
    _ objective: any Objective, in region: any FeasibleSet, using oracle: Oracle,
    _ generator: Philox
  ) async throws -> Tensor<Float> {
    let stepSize = stepSize ?? 2.5 * region.radius / Double(max(steps, 1))
    var randomness = generator
    var z = randomStart ? region.sample(using: &randomness) : region.center
    var velocity = Velocity(decay: momentum)
    for _ in 0..<steps {
      let answer = try await oracle.gradient(at: z, of: objective)
      if answer.reachesGoal { break }
      let slope = momentum == 0 ? answer.gradient : velocity.add(answer.gradient)
      z = region.step(from: z, along: slope, length: stepSize)
    }
    return z
  }
}
