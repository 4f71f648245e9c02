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
  mutating func run(
    _ search: (inout LabelSearch) async throws -> Void
  ) async throws -> Candidate {
    do { try await search(&self) } catch is Ended {}
    return Candidate(nearest?.point ?? center)
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
}
