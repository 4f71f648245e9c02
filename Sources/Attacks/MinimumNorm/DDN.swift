public import Robustness
import Tensors

/// The decoupled direction and norm attack, for L2.
///
/// Direction and size of the move are changed apart: d <- d + alpha g / |g| with the gradient g of the loss at the last
/// point, and eps <- (1 - gamma) eps if the goal is reached there, else (1 + gamma) eps; then x = clip(x_0 + eps d /
/// |d|). The step alpha falls from 1 to 0.01 by cosine annealing; lengths are in units of the data's range. In the end the
/// nearest point is drawn toward the example as far as the goal stays reached.
///
/// Rony, Hafemann, Oliveira, Ben Ayed, Sabourin and Granger, "Decoupling direction and norm for efficient
/// gradient-based L2 adversarial attacks and defenses", 2019, https://arxiv.org/abs/1811.09600.
///
/// Cost: a gradient per step, and 21 forward passes. Guarantee: on affine models within 5 % of the smallest distance.
public struct DDN: MinimumNormAttack {
  /// The name on the command line.
  public static let name = "ddn"
  /// The norm that it is written for.
  public static let norms: [Norm] = [.two]

  /// The number of steps.
  public var steps = 100
  /// By what share the size changes at each step, gamma.
  public var rate = 0.05
  /// The size to begin with, in units of the data's range.
  public var size = 1.0

  /// Creates the attack with its standard options.
  public init() {}

  /// The options.
  public static let options: [AttackOption<Self>] = [
    .steps(\.steps)
  ]

  /// A gradient per step, and what drawing back costs.
  public var budget: Passes { .gradients(steps) + NearestPoint.costOfSection }

  /// Turns the direction and adapts the size.
  public func maximize(_ problem: Problem, using oracle: Oracle) async throws -> Candidate {
    let objective = problem.objective(preferring: .crossEntropy, outputCount: oracle.outputCount)
    let domain = try problem.domain
    let unit = domain.hull.unit
    let ball = MoveBall(domain, norm: .two)
    var nearest = NearestPoint(domain)
    var radius = min(size * unit, ball.largestRadius)
    var x = domain.center
    for step in 0..<steps {
      let answer = try await oracle.gradient(at: x, of: objective)
      if answer.reachesGoal {
        nearest.note(x)
        if oracle.isSolved { break }
      }
      radius = min(radius * (1 + (answer.reachesGoal ? -rate : rate)), ball.largestRadius)
      let stride = unit * Annealing.value(from: 1, to: 0.01, step: step, of: steps)
      x = ball.scaled(ball.ascended(x, along: answer.gradient, length: stride), to: radius)
    }
    try await nearest.drawBack(using: oracle)
    return Candidate(nearest.point)
  }
}
