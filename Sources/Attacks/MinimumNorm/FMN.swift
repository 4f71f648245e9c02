public import Robustness
import Tensors

/// The fast minimum-norm attack, for L0 (pixels), L1, L2 and L-infinity.
///
/// Each step ascends the margin m by alpha g / |g|_2 and projects onto the ball of radius eps, for L2 onto its surface as
/// the authors' code does, then onto the bounds.
/// eps <- min((1 - gamma) eps, the smallest distance so far) where the goal is reached, else (1 + gamma) eps. While it has
/// not been reached at all eps <- (1 + gamma) max(|x - x_0| - m / |g|_q, eps), with q the dual norm: a little more than
/// the distance to the linearised boundary, on which a linear model would be tied, and growing where the bounds cut the
/// steps. For L0 eps changes by at least one. alpha falls from its first value to a hundredth, gamma from 0.05 to 0.001,
/// by cosine annealing; lengths are in units of the data's range. In the end, but for L0, the nearest point is drawn toward
/// the example as far as the goal stays reached.
///
/// Pintor, Roli, Brendel and Biggio, "Fast minimum-norm adversarial attacks through adaptive norm constraints", 2021,
/// https://arxiv.org/abs/2102.12827.
///
/// Cost: a gradient per step, and 21 forward passes. Guarantee: on affine models within 5 % of the smallest distance,
/// except for L0.
public struct FMN: MinimumNormAttack {
  /// The name on the command line.
  public static let name = "fmn"

  /// The number of steps.
  public var steps = 100
  /// The Euclidean length of the first step, alpha, in units of the data's range; `nil` for 1, or 10 for L-infinity.
  public var stepSize: Double?
  /// By what share the radius changes at first, gamma.
  public var rate = 0.05

  /// Creates the attack with its standard options.
  public init() {}

  /// The options.
  public static let options: [AttackOption<Self>] = [
    .steps(\.steps),
    .stepSize(\.stepSize, .words("10 in linf, 1 elsewhere, in units of the data's range")),
  ]

  /// A gradient per step, and what drawing back costs.
  public var budget: Passes { .gradients(steps) + NearestPoint.costOfSection }

  /// Ascends in a ball whose radius follows the boundary.
  public func maximize(_ problem: Problem, using oracle: Oracle) async throws -> Candidate {
    let norm = try problem.norm
    let objective = try problem.objective(.margin, outputCount: oracle.outputCount)
    let domain = try problem.domain
    let ball = MoveBall(domain, norm: norm)
    let length = (stepSize ?? (norm == .infinity ? 10 : 1)) * domain.hull.unit
    var nearest = NearestPoint(domain)
    var radius = norm == .zero ? 1 : Double.infinity
    var x = domain.center
    for step in 0..<steps {
      let answer = try await oracle.gradient(at: x, of: objective)
      let rate = Annealing.value(from: rate, to: 0.001, step: step, of: steps)
      if answer.reachesGoal {
        nearest.note(x)
        if oracle.isSolved { break }
        let less =
          norm == .zero
          ? min(radius - 1, (radius * (1 - rate)).rounded(.down)) : radius * (1 - rate)
        radius = max(min(less, nearest.distance), 0)
      } else if norm == .zero {
        radius = max(radius + 1, (radius * (1 + rate)).rounded(.down))
      } else if nearest.isFound {
        radius *= 1 + rate
      } else {
        let slope = norm.dual.size(of: answer.gradient)
        let rest = slope > 0 ? max(-answer.margin, 0) / slope : .infinity
        let least = radius.isFinite ? radius : 0
        radius = (1 + rate) * max(domain.distance(of: x) + rest, least)
      }
      radius = min(radius, ball.largestRadius)
      let stride = Annealing.value(from: length, to: length / 100, step: step, of: steps)
      let moved = ball.ascended(x, along: answer.gradient, length: stride)
      x =
        norm == .two
        ? ball.scaled(moved, to: radius) : ball.projection(of: moved, radius: radius)
    }
    if norm != .zero { try await nearest.drawBack(using: oracle) }
    return Candidate(nearest.point)
  }
}
