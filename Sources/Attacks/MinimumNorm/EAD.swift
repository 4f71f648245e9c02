public import Robustness
import Tensors

/// The elastic-net attack, for L1.
///
/// With d = x - x_0, iterations with momentum minimise c max(-m(x), -kappa) + |d|^2 + beta |d|_1: a step down the
/// gradient of the smooth part from y, with a rate that falls as the square root of the steps that are left, then d shrinks
/// by beta towards zero within the bounds; y = x_k + k / (k + 3) (x_k - x_(k - 1)). c is multiplied by 10 until the goal is
/// reached and then halves the interval between failure and success. Lengths are in units of the data's range. Of all points
/// that reach the goal the nearest in L1 counts, drawn toward the example as far as the goal stays reached, unless a
/// margin is asked for.
///
/// Chen, Sharma, Zhang, Yi and Hsieh, "EAD: elastic-net attacks to deep neural networks via adversarial examples", 2018,
/// https://arxiv.org/abs/1709.04114.
///
/// Cost: a gradient and a forward pass per step and constant, and 21 forward passes. Guarantee: none, as the
/// squared length counts too.
public struct EAD: MinimumNormAttack {
  /// The name on the command line.
  public static let name = "ead"
  /// The norm that it is written for.
  public static let norms: [Norm] = [.one]

  /// The number of steps for one constant.
  public var steps = 1000
  /// How many constants are tried.
  public var constants = 9
  /// The first constant.
  public var constant = 1e-3
  /// The first rate.
  public var rate = 0.01
  /// The weight of the sum of magnitudes, beta.
  public var sparsity = 0.01
  /// The margin asked for, kappa.
  public var goalMargin = 0.0

  /// Creates the attack with its standard options.
  public init() {}

  /// The options.
  public static let options: [AttackOption<Self>] = [
    .steps(\.steps), .constants(\.constants), .constant(\.constant), .rate(\.rate),
    .number("sparsity", \.sparsity, 0...1e30, "weight of the sum of magnitudes"),
    .goalMargin(\.goalMargin),
  ]

  /// A gradient and a forward pass per step and constant, and what drawing back costs.
  public var budget: Passes {
    .gradients(steps * constants) + Passes(forward: steps * constants)
      + NearestPoint.costOfSection
  }

  /// Searches the constant.
  public func maximize(_ problem: Problem, using oracle: Oracle) async throws -> Candidate {
    let objective = try problem.objective(.margin, outputCount: oracle.outputCount)
    let domain = try problem.domain
    let unit = Float(domain.hull.unit)
    var nearest = NearestPoint(domain)
    var search = ConstantSearch(from: constant)
    for _ in 0..<constants {
      var x = domain.center
      var y = x
      var isReached = false
      for step in 0..<steps {
        let answer = try await oracle.gradient(at: y, of: objective)
        let rate = Float(rate * (1 - Double(step) / Double(steps)).squareRoot())
        let weight = answer.margin >= goalMargin ? 0 : Float(search.constant) * unit * unit
        let descended = y.zip(domain.center, answer.gradient) {
          $0 - 2 * rate * ($0 - $1) + rate * weight * $2
        }
        let shrinkage = Float(sparsity) * unit
        let next = domain.hull.projection(
          of: domain.center.zip(descended) { center, value in
            let move = value - center
            let size = max(move.magnitude - shrinkage, 0)
            return move < 0 ? center - size : center + size
          })
        let momentum = Float(step) / Float(step + 3)
        y = domain.hull.projection(of: next.zip(x) { $0 + momentum * ($0 - $1) })
        x = next
        guard x != domain.center else { continue }
        let scores = try await oracle.scores(at: x)
        guard scores.reachesGoal, scores.margin >= goalMargin else { continue }
        nearest.note(x)
        if oracle.isSolved { return Candidate(nearest.point) }
        isReached = true
      }
      search.note(isReached: isReached)
    }
    if goalMargin == 0 { try await nearest.drawBack(using: oracle) }
    return Candidate(nearest.point)
  }
}
