public import Robustness
import Tensors

/// Auto-conjugate gradient: conjugate directions with the step sizes of Auto-PGD.
///
/// s_k = g_k + beta s_(k-1) with y = g_(k-1) - g_k and beta = max(<g_k, y> / <s_(k-1), y>, 0) (Hestenes and Stiefel);
/// z <- step(z, s_k, eta), for L-infinity Proj(z + eta sign(s_k)), eta = 2 eps at first. Checkpoints are those of
/// `APGD`; where progress stalls eta is halved, and the best point comes back with its gradient and what led to it. It
/// begins at the middle of the box around the threat, which is not the example where bounds cut it.
///
/// Yamamura, Sato, Tateiwa, Hata, Mitsutake, Oe, Ishikura and Fujisawa, "Diversified adversarial attacks based on
/// conjugate gradient method", 2022, https://arxiv.org/abs/2206.09628.
///
/// Where the objective is not defined the margin takes its place; see `APGD`.
///
/// Cost: at most `steps` + 1 gradients; it stops where the goal is reached. Guarantee: on affine two-class models, the
/// best margin gain up to a factor of 1.05.
public struct AutoConjugateGradient: GradientAttack {
  /// The name on the command line.
  public static let name = "acg"
  /// The norms that it is written for.
  public static let norms: [Norm] = [.infinity, .two]

  /// The number of steps.
  public var steps = 100
  /// What to maximise.
  public var loss = Loss.margin
  /// Whether to begin at a random point of the threat, as the paper does after its first attempt.
  public var randomStart = false
  /// How often to try; more than once is of use with a random start only.
  public var restarts = 1

  /// Creates the attack with its standard options.
  public init() {}

  /// The options.
  public static let options: [AttackOption<Self>] = [
    .steps(\.steps), .restarts(\.restarts), .objective(\.loss), .randomStart(\.randomStart),
  ]

  /// A gradient per step and one for the start.
  public var budget: Passes { .gradients(steps + 1) }

  /// Climbs.
  public func maximize(_ problem: Problem, using oracle: Oracle) async throws -> Candidate {
    let objective = problem.objective(preferring: loss, outputCount: oracle.outputCount)
    let region = try problem.region
    var randomness = oracle.randomness("start")
    let middle = region.hull.lower.interpolated(to: region.hull.upper, by: 0.5)
    var z = randomStart ? region.sample(using: &randomness) : region.projection(of: middle)
    var answer = try await oracle.gradient(at: z, of: objective)
    var peak = Peak(z, answer)
    if answer.reachesGoal { return Candidate(z) }
    var gradient = answer.gradient
    /// The last gradient and direction, and those that led to the peak.
    var past: (gradient: Tensor<Float>, direction: Tensor<Float>)?
    var pastOfPeak = past
    var stepSize = 2 * region.radius
    var checkpoints = Checkpoints(steps: steps, loss: answer.loss)
    for _ in 0..<steps {
      let direction =
        past.map { conjugate(gradient, to: $0.direction, after: $0.gradient) }
        ?? gradient
      past = (gradient, direction)
      z = region.step(from: z, along: direction, length: stepSize)
      answer = try await oracle.gradient(at: z, of: objective)
      if answer.reachesGoal { return Candidate(z) }
      gradient = answer.gradient
      if peak.isBelow(answer) { (peak, pastOfPeak) = (Peak(z, answer), past) }
      if checkpoints.isReached(by: answer.loss), checkpoints.stalls(best: peak.loss) {
        stepSize /= 2
        (z, gradient, past) = (peak.point, peak.gradient, pastOfPeak)
      }
    }
    return Candidate(peak.point)
  }

  /// The gradient plus beta times the last direction.
  private func conjugate(
    _ gradient: Tensor<Float>, to direction: Tensor<Float>, after last: Tensor<Float>
  ) -> Tensor<Float> {
    let change = last.converted(to: Double.self) - gradient.converted()
    let beta = Float(
      change.sum(with: gradient.converted()) { $1 * $0 }
        / change.sum(with: direction.converted()) { $1 * $0 })
    guard beta > 0, beta.isFinite else { return gradient }
    return gradient.advanced(by: beta, along: direction)
  }
}
