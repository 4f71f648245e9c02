public import Robustness
import Tensors

/// Sign-OPT: descent on the distance of the boundary along a direction, from labels only.
///
/// With g(theta) the least length at which x + g theta / ||theta||_p reaches the goal: each step estimates the
/// gradient of g by the mean of sign(g(theta + beta u_q) - g(theta)) u_q over Q random u_q of length 1, each sign by one query
/// at the length g(theta); then theta <- theta - alpha v, with alpha doubled as long as g falls, or quartered until it
/// does. v is the mean; for L-infinity its signs, and theta stays in the box of side 2.
///
/// Cheng, Singh, Chen, Chen, Liu and Hsieh, "Sign-OPT: a query-efficient hard-label adversarial attack", 2020,
/// https://arxiv.org/abs/1909.10773.
///
/// Cost: `queries` forwards, the start included. Guarantee: on affine two-class models, the least distance up to a
/// factor of 1.05 in L2 with the standard options, once a start was found; none in L-infinity.
public struct SignOPT: LabelAttack, QueryAttack {
  /// The name on the command line.
  public static let name = "sign-opt"
  /// The norms that it is written for.
  public static let norms: [Norm] = [.infinity, .two]

  /// The most queries.
  public var queries = 10_000
  /// The draws of one estimate, Q.
  public var draws = 200

  /// Creates the attack with its standard options.
  public init() {}

  /// The options.
  public static let options: [AttackOption<Self>] = [
    .exampleQueries(\.queries), .draws(\.draws),
  ]

  /// Descends.
  public func maximize(
    _ problem: Problem, using oracle: some LabelOracle
  ) async throws -> Candidate {
    try await LabelSearch.run(problem, oracle) { try await descend(&$0) }
  }

  private func descend(_ search: inout LabelSearch<some LabelOracle>) async throws {
    var randomness = search.oracle.randomness("draws")
    let first = try await search.start(tolerance: 1e-4, draws: 40)
    var theta = unit(first - search.center, search.norm)
    var length = search.distance(of: first)
    var alpha = 0.2
    var beta = 0.001
    while true {
      let slope = try await slope(theta, length, beta, &search, using: &randomness)
      var best: (theta: Tensor<Float>, length: Double)?
      func attempt(_ search: inout LabelSearch<some LabelOracle>) async throws -> Bool {
        let next = unit(theta.advanced(by: Float(-alpha), along: slope), search.norm)
        let least = best?.length ?? length
        guard try await search.reaches(search.point(along: next, at: least)) else { return false }
        let shorter = try await search.shortened(next, least, gain: least / 100, tolerance: 1e-4)
        best = (next, shorter)
        return true
      }
      if try await attempt(&search) {
        repeat { alpha *= 2 } while try await attempt(&search)
        alpha /= 2
      } else {
        while alpha >= 1e-4 {
          alpha /= 4
          if try await attempt(&search) { break }
        }
      }
      if let best { (theta, length) = best }
      // The slopes were too uncertain to descend: look at them from nearer, or begin anew.
      if alpha < 1e-4 { (alpha, beta) = (1, beta > 1e-6 ? beta / 10 : 0.001) }
    }
  }

  /// The estimate of the gradient of g.
  private func slope(
    _ theta: Tensor<Float>, _ length: Double, _ beta: Double,
    _ search: inout LabelSearch<some LabelOracle>, using randomness: inout Philox
  ) async throws -> Tensor<Float> {
    var sum = Tensor<Float>.zeros(theta.shape)
    var done = 0
    // At the end no more than leaves queries for the step itself.
    let most = max(1, min(draws, search.left - 10))
    while done < most {
      let turned = (0..<min(most - done, search.population)).map { _ in
        theta.advanced(by: Float(beta), along: randomness.direction(theta.shape))
      }
      let norm = search.norm
      let points = turned.map { [search] in search.point(along: unit($0, norm), at: length) }
      for (turned, isReached) in zip(turned, try await search.reaches(all: points)) {
        sum.add(isReached ? -1 : 1, times: turned, minus: theta)
      }
      done += points.count
    }
    let mean = Float(1 / (beta * Double(done))) * sum
    return search.norm == .infinity ? search.domain.direction(of: mean) : mean
  }

  /// The direction of length 1; for L-infinity after a cut to the box.
  private func unit(_ theta: Tensor<Float>, _ norm: Norm) -> Tensor<Float> {
    guard norm == .infinity else { return Float(1 / max(theta.norm2, 1e-30)) * theta }
    let cut = theta.map { $0 > 1 ? 1 : ($0 < -1 ? -1 : $0) }
    return Float(1 / max(cut.normInfinity, 1e-30)) * cut
  }
}
