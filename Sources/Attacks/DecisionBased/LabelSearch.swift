import Robustness
import Tensors

/// What attacks from labels share: an oracle, the queries that are left, and the nearest success so far.
///
/// A method that asks throws `Ended` where the queries are spent or the question is answered, so that attacks are
/// written without a look at either.
struct LabelSearch<Oracle: LabelOracle> {
  /// The end of a search that did what it could.
  struct Ended: Error {}

  let oracle: Oracle
  /// Everything the adversary may ask about.
  let domain: any FeasibleSet
  /// The example x.
  let center: Tensor<Float>
  let hull: Box
  /// How distances are measured.
  let norm: Norm
  private(set) var nearest: (point: Tensor<Float>, distance: Double)?

  /// Creates a search.
  ///
  /// - Throws: `ThreatError.unsized`.
  init(_ problem: Problem, _ oracle: Oracle) throws {
    norm = try problem.norm
    domain = try problem.domain
    center = domain.center
    hull = domain.hull
    self.oracle = oracle
  }

  /// How many queries are left.
  var left: Int { oracle.left }

  /// Runs a search to its end.
  ///
  /// - Returns: The nearest point at which the goal was reached, the example itself if there is none.
  /// - Throws: What the oracle throws.
  static func run(
    _ problem: Problem, _ oracle: Oracle, _ body: (inout LabelSearch) async throws -> Void
  ) async throws -> Candidate {
    var search = try LabelSearch(problem, oracle)
    do { try await body(&search) } catch is Ended {}
    return Candidate(search.nearest?.point ?? search.center)
  }

  /// Whether the goal is reached at each point; one query each.
  ///
  /// - Returns: As many answers as there are queries left, if that is fewer than points.
  mutating func reaches(all points: [Tensor<Float>]) async throws -> [Bool] {
    guard left > 0 else { throw Ended() }
    let asked = points.count > left ? Array(points.prefix(left)) : points
    let decisions = try await oracle.labels(at: asked)
    for (point, decision) in zip(asked, decisions) where decision.reachesGoal {
      let distance = distance(of: point)
      if distance < nearest?.distance ?? .infinity { nearest = (point, distance) }
    }
    if oracle.isSolved { throw Ended() }
    return decisions.map(\.reachesGoal)
  }

  /// Whether the goal is reached at a point; one query.
  mutating func reaches(_ point: Tensor<Float>) async throws -> Bool {
    try await reaches(all: [point])[0]
  }

  /// The distance of a point from the example in the threat's norm.
  func distance(of point: Tensor<Float>) -> Double { domain.distance(of: point) }

  /// The point of the domain next to x + length * direction, coordinate by coordinate.
  func point(
    from start: Tensor<Float>, along direction: Tensor<Float>, length: Double
  ) -> Tensor<Float> {
    hull.projection(of: start.advanced(by: Float(length), along: direction))
  }

  // MARK: - The start

  /// Finds a point at which the goal is reached, on the boundary and as near as a few draws give it.
  ///
  /// Inputs without meaning are asked about until some reach the goal: the papers' uniform noise, but also noise that is
  /// the same over blocks of pixels, flat inputs, and the example's negative, since some networks call all noise by the same
  /// name. Every one that is found is bisected a little towards the example, and the nearest one to the end.
  ///
  /// - Parameters:
  ///   - tolerance: As for `boundary`.
  ///   - draws: How many are asked about at least.
  /// - Returns: A point just beyond the boundary.
  /// - Throws: `Ended` if none was found with half of the queries.
  mutating func start(
    tolerance: Double, draws: Int = 10
  ) async throws -> Tensor<Float> {
    var randomness = oracle.randomness("start")
    var round = 0
    var asked = 0
    let most = left / 2
    while round == 0 || asked < most {
      let points = (0..<min(draws << min(round, 3), max(left, 1))).map {
        meaningless($0, round, using: &randomness)
      }
      let answers = try await reaches(all: points)
      asked += answers.count
      let found = zip(points, answers).filter(\.1).map(\.0)
      if !found.isEmpty {
        let (point, low) = try await nearest(of: Array(found.prefix(population)))
        return try await boundary(toward: point, tolerance: tolerance, from: low)
      }
      round += 1
    }
    throw Ended()
  }

  /// Bisects the ways to some points together, and picks the one that gets nearest.
  ///
  /// - Returns: The point, and a share of the way to it at which the goal is not reached.
  private mutating func nearest(
    of points: [Tensor<Float>]
  ) async throws -> (point: Tensor<Float>, low: Double) {
    var ways = points.map { (point: $0, low: 0.0, high: 1.0) }
    for _ in 0..<5 where ways.count > 1 {
      let middles = ways.map { approached($0.point, ($0.low + $0.high) / 2) }
      for (place, isReached) in try await reaches(all: middles).enumerated() {
        let middle = (ways[place].low + ways[place].high) / 2
        if isReached { ways[place].high = middle } else { ways[place].low = middle }
      }
    }
    let reached = ways.map { approached($0.point, $0.high) }
    let distances = reached.map(distance)
    let best = distances.indices.min { distances[$0] < distances[$1] } ?? 0
    return (reached[best], ways[best].low / ways[best].high)
  }

  /// An input that has nothing to do with the example.
  private func meaningless(
    _ draw: Int, _ round: Int, using randomness: inout Philox
  ) -> Tensor<Float> {
    let limits = limits(round)
    switch (round, draw) {
    case (0, 4): return limits.lower.zip(limits.upper) { 0.5 * $0 + 0.5 * $1 }
    case (0, 5): return limits.lower
    case (0, 6): return limits.upper
    case (0, 7):
      return hull.projection(of: limits.lower + limits.upper - center)
    default: break
    }
    // Blocks of 1, 2, 4, ... pixels in turn; noise of single values as often as all others.
    let side = draw % 2 == 0 ? 1 : 1 << (1 + draw / 2 % 4)
    let shares = randomness.blocks(of: side, center.shape)
    return hull.projection(of: limits.lower + (limits.upper - limits.lower) * shares)
  }

  /// Where draws are taken from: the hull or, where it is as good as endless, ever larger boxes around the example.
  private func limits(_ round: Int) -> (lower: Tensor<Float>, upper: Tensor<Float>) {
    let reach = reach * [1, 4, 16, 64][round % 4]
    func isEndless(_ lower: Float, _ upper: Float) -> Bool { !(upper / 4 - lower / 4 < 1e20) }
    let lower = hull.lower.zip(hull.upper) { isEndless($0, $1) ? -.infinity : $0 }
    let upper = hull.lower.zip(hull.upper) { isEndless($0, $1) ? .infinity : $1 }
    return (
      lower.zip(center) { $0.isInfinite ? $1 - reach : $0 },
      upper.zip(center) { $0.isInfinite ? $1 + reach : $0 }
    )
  }

  /// The size of values where there are no bounds.
  var reach: Float { max(1, Float(min(center.normInfinity, 1e20))) }

  // MARK: - The boundary

  /// A point between the example and `point`: for L-infinity the nearest one within `share` of the distance, else
  /// x + share * (point - x).
  func approached(_ point: Tensor<Float>, _ share: Double) -> Tensor<Float> {
    guard share < 1 else { return point }
    guard norm == .infinity else {
      return hull.projection(of: center.interpolated(to: point, by: Float(share)))
    }
    let radius = Float(share * distance(of: point))
    return center.zip(point) { value, aim in
      // As minima and maxima, without branches.
      let lowered = aim < value + radius ? aim : value + radius
      return lowered > value - radius ? lowered : value - radius
    }
  }

  /// Bisects the way from the example to a point at which the goal is reached.
  ///
  /// - Parameters:
  ///   - point: The point; it need not be asked about again.
  ///   - tolerance: The length of the last interval, as a share of the way.
  ///   - low: A share of the way at which the goal is known or taken not to be reached.
  /// - Returns: A point just beyond the boundary, at which the goal is reached.
  /// - Throws: `Ended`, or what the oracle throws.
  mutating func boundary(
    toward point: Tensor<Float>, tolerance: Double, from low: Double = 0
  ) async throws -> Tensor<Float> {
    var (low, high) = (low, 1.0)
    var best = point
    while high - low > tolerance {
      let middle = (low + high) / 2
      let candidate = approached(point, middle)
      if try await reaches(candidate) { (high, best) = (middle, candidate) } else { low = middle }
    }
    return best
  }

  /// The tolerance of HopSkipJump's bisection: small against the radius of its draws.
  var tolerance: Double {
    let count = Double(max(center.count, 2))
    return max(norm == .infinity ? 1 / (count * count) : 1 / (count * count.squareRoot()), 1e-6)
  }

  /// Estimates where the decision turns towards the goal.
  ///
  /// With u_b random of unit length, z_b = x + radius u_b within the domain, u'_b = (z_b - x) / radius and f_b = 1
  /// where the goal is reached, else -1, it is the sum of (f_b - mean f) u'_b; of f_b u'_b where all f_b are equal.
  ///
  /// - Returns: The sum, and whether both answers were seen.
  /// - Throws: `Ended`, or what the oracle throws.
  mutating func normal(
    at x: Tensor<Float>, draws: Int, radius: Double, using randomness: inout Philox
  ) async throws -> (direction: Tensor<Float>, isMixed: Bool) {
    var weighted = Tensor<Float>.zeros(x.shape)
    var total = weighted
    var balance = 0
    var done = 0
    while done < draws {
      let points = (0..<min(draws - done, population)).map { _ in
        point(from: x, along: randomness.direction(x.shape), length: radius)
      }
      let answers = try await reaches(all: points)
      for (point, isReached) in zip(points, answers) {
        weighted.add(isReached ? 1 : -1, times: point, minus: x)
        total.add(1, times: point, minus: x)
        balance += isReached ? 1 : -1
      }
      done += answers.count
    }
    let isMixed = abs(balance) < done
    let mean = isMixed ? Float(balance) / Float(max(done, 1)) : 0
    let scale = Float(1 / radius)
    return (weighted.zip(total) { ($0 - mean * $1) * scale }, isMixed)
  }

  /// How many points are asked about at once: enough to fill batches, few enough to be held for many examples.
  var population: Int { min(64, max(8, (1 << 20) / max(center.count, 1))) }

  // MARK: - Rays

  /// The point at a length along a ray from the example, within the domain.
  func point(along direction: Tensor<Float>, at length: Double) -> Tensor<Float> {
    point(from: center, along: direction, length: length)
  }

  /// The least length along a ray at which the goal is reached, as far as it is reached all the way from there.
  ///
  /// It first goes down by steps that double, then bisects: few queries where little is to be gained.
  ///
  /// - Parameters:
  ///   - direction: The direction of the ray.
  ///   - length: A length at which the goal is reached.
  ///   - gain: The first step, what the ray before has gained.
  ///   - tolerance: The length of the last interval, as a share of the length.
  /// - Returns: A length at which the goal is reached.
  /// - Throws: `Ended`, or what the oracle throws.
  mutating func shortened(
    _ direction: Tensor<Float>, _ length: Double, gain: Double, tolerance: Double
  ) async throws -> Double {
    var high = length
    var low = 0.0
    var step = max(gain, tolerance * length)
    while high > step {
      let next = high - step
      guard try await reaches(point(along: direction, at: next)) else {
        low = next
        break
      }
      high = next
      step *= 2
    }
    while high - low > tolerance * high {
      let middle = (low + high) / 2
      let isReached = try await reaches(point(along: direction, at: middle))
      if isReached { high = middle } else { low = middle }
    }
    return high
  }

  /// The length along any ray beyond which nothing changes; where there are no bounds a large one.
  var farthest: Double {
    var most = 0.0
    for index in 0..<center.count {
      let room = max(hull.upper[index] - center[index], center[index] - hull.lower[index])
      most = max(most, Double(room < 1e20 ? room : 64 * reach))
    }
    return norm == .infinity ? most : most * Double(center.count).squareRoot()
  }
}
