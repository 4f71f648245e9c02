public import Robustness
public import Tensors

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
public struct PGD: GradientAttack {
  /// The name on the command line.
  public static let name = "pgd"

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
  /// Where to begin instead, moved into the threat; in its parameters z.
  public var start: Tensor<Float>?

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
    let region = try problem.region
    return try await climb(
      objective, in: region, using: oracle, from: start.map(region.projection),
      oracle.randomness("start"))
  }

  /// One ascent.
  func climb(
    _ objective: any Objective, in region: any FeasibleSet, using oracle: Oracle,
    from start: Tensor<Float>? = nil, _ generator: Philox
  ) async throws -> Candidate {
    var randomness = generator
    var velocity = Velocity(decay: momentum)
    return try await GradientAscent(
      objective, in: region, using: oracle, steps: steps, stepSize: stepSize, radii: 2.5
    ).climb(from: start ?? (randomStart ? region.sample(using: &randomness) : nil)) {
      answer, _, _ in
      momentum == 0 ? answer.gradient : velocity.add(answer.gradient)
    }
  }
}
