public import Robustness
import Tensors

/// HopSkipJump: along the boundary by estimates of its normal, from labels only.
///
/// From x_t just beyond the boundary, with D = ||x_t - x||_p of d values:
/// 1. v = sum over b of (f_b - mean f) u_b with B sqrt(t) random u_b of length 1, f_b = 1 where the goal is reached at
///    x_t + (D / d) u_b, else -1; for L2 v / ||v||, for L-infinity sign(v);
/// 2. z = x_t + s v with s = D / sqrt(t), halved until the goal is reached at z;
/// 3. x_{t+1} by bisection between x and z; for L-infinity between x and z cut to a ball around x.
///
/// Where all f_b agree, the draws of the next step are twice as far away, so that models of coarse inputs are searched
/// too. Points stay within the bounds.
///
/// Chen, Jordan and Wainwright, "HopSkipJumpAttack: a query-efficient decision-based attack", 2020,
/// https://arxiv.org/abs/1904.02144.
///
/// Cost: `queries` forwards, the start included. Guarantee: on affine two-class models, the least distance up to a
/// factor of 1.05 with the standard options, once a start was found.
public struct HopSkipJump: LabelAttack, QueryAttack {
  /// The name on the command line.
  public static let name = "hop-skip-jump"
  /// The norms that it is written for.
  public static let norms: [Norm] = [.infinity, .two]

  /// The most queries.
  public var queries = 10_000
  /// The draws of the first step, B; those of step t are B sqrt(t).
  public var draws = 100

  /// Creates the attack with its standard options.
  public init() {}

  /// The options.
  public static let options: [AttackOption<Self>] = [
    .exampleQueries(\.queries), .draws(\.draws),
  ]

  /// Goes along the boundary.
  public func maximize(
    _ problem: Problem, using oracle: some LabelOracle
  ) async throws -> Candidate {
    try await LabelSearch.run(problem, oracle) { try await walk(&$0) }
  }

  private func walk(_ search: inout LabelSearch<some LabelOracle>) async throws {
    var randomness = search.oracle.randomness("draws")
    var x = try await search.start(tolerance: search.tolerance)
    var widening = 1.0
    var step = 0.0
    while true {
      step += 1
      let distance = search.distance(of: x)
      let (sum, isMixed) = try await search.normal(
        at: x, draws: count(step, left: search.left),
        radius: widening * distance / Double(x.count), using: &randomness)
      widening = isMixed ? max(1, widening / 2) : min(2 * widening, Double(x.count))
      let direction = search.domain.direction(of: sum)
      var length = distance / step.squareRoot()
      var next = search.point(from: x, along: direction, length: length)
      while try await !search.reaches(next) {
        length /= 2
        next = search.point(from: x, along: direction, length: length)
      }
      x = try await search.boundary(toward: next, tolerance: search.tolerance)
    }
  }

  /// The draws of a step: as the paper has it, but at the end no more than leaves queries for the step itself.
  private func count(_ step: Double, left: Int) -> Int {
    let count = min(Int(Double(draws) * step.squareRoot()), 10_000)
    return max(1, min(count, left - 24))
  }
}
