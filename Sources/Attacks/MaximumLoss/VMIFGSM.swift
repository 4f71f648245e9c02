public import Robustness
import Tensors

/// Variance tuning: the gradient is corrected by how it differs from its mean around the last point.
///
/// v <- mu v + (g + w) / mean |g + w|; z <- step(z, v, alpha), from x; then w = (sum of the gradients at z_i + r) / N - g,
/// with N draws of r, each coordinate uniform within beta eps (divided by the square root of the number of coordinates
/// for L2, by the number for L1).
///
/// Wang and He, "Enhancing the transferability of adversarial attacks through variance tuning", 2021,
/// https://arxiv.org/abs/2103.15571.
///
/// Where the objective is not defined the margin takes its place; see `APGD`.
///
/// Cost: at most `steps` + (`steps` - 1) N gradients; it stops where the goal is reached. Guarantee: as `BIM`.
public struct VMIFGSM: GradientAttack {
  /// The name on the command line.
  public static let name = "vmi-fgsm"
  /// The norms that it is written for.
  public static let norms: [Norm] = [.infinity, .two, .one]

  /// The number of steps.
  public var steps = 10
  /// The length of a step in the threat's norm; `nil` for the radius divided by the number of steps.
  public var stepSize: Double?
  /// The share mu of past gradients kept at each step.
  public var decay = 1.0
  /// The number N of neighbours.
  public var samples = 20
  /// How far neighbours are, as a multiple beta of the radius.
  public var spread = 1.5
  /// What to maximise.
  public var loss = Loss.crossEntropy

  /// Creates the attack with its standard options.
  public init() {}

  /// The options.
  public static let options: [AttackOption<Self>] = [
    .steps(\.steps), .stepSize(\.stepSize, .radiiPerStep(1)), .decay(\.decay),
    .integer("samples", \.samples, 1...1_000_000, "number of neighbours around each point"),
    .number("spread", \.spread, 0...1e6, "how far neighbours are, in radii"),
    .objective(\.loss),
  ]

  /// A gradient per step, and one per neighbour after each step but the last.
  public var budget: Passes { .gradients(steps + max(steps - 1, 0) * samples) }

  /// Climbs.
  public func maximize(_ problem: Problem, using oracle: Oracle) async throws -> Candidate {
    let ascent = try GradientAscent(
      problem, using: oracle, loss, steps: steps, stepSize: stepSize)
    let count = max(ascent.region.center.count, 1)
    let reach = Float(spread * ascent.region.radius / (try problem.norm).size(ofOnes: count))
    var randomness = oracle.randomness("neighbours")
    var velocity = Velocity(decay: decay)
    var variance = Tensor<Float>.zeros(ascent.region.center.shape)
    return try await ascent.climb { answer, z, step in
      let slope = velocity.add(answer.gradient + variance)
      let neighbours = (0..<(step + 1 < steps ? samples : 0)).map { _ in
        z.zip(randomness.uniforms(z.shape)) { $0 + reach * (2 * $1 - 1) }
      }
      if neighbours.isEmpty { return slope }
      let answers = try await oracle.gradients(at: neighbours, of: ascent.objective)
      variance = answers.reduce(-1 * answer.gradient) { sum, neighbour in
        sum.advanced(by: 1 / Float(samples), along: neighbour.gradient)
      }
      return slope
    }
  }
}
