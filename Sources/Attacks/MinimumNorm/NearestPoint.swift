import Robustness
import Tensors

/// The nearest point at which an attack has seen the goal reached.
struct NearestPoint {
  /// The point; the example if there is none yet.
  private(set) var point: Tensor<Float>
  /// Its distance; infinite if there is none yet.
  private(set) var distance = Double.infinity

  let domain: any FeasibleSet

  init(_ domain: any FeasibleSet) {
    self.domain = domain
    point = domain.center
  }

  /// Whether the goal was reached anywhere.
  var isFound: Bool { distance.isFinite }

  /// Notes a point at which the goal is reached, and returns its distance.
  @discardableResult
  mutating func note(_ point: Tensor<Float>) -> Double {
    let distance = domain.distance(of: point)
    if distance < self.distance { (self.point, self.distance) = (point, distance) }
    return distance
  }

  // MARK: - Searches on a line

  /// How often a piece of a line is cut in 8.
  private static let cuts = 3

  /// The most that a search on a line asks for.
  static let costOfSection = Passes(forward: 7 * cuts)

  /// Looks for the first place of a line at which the goal is reached, seven at a time, to within a 512th of it.
  mutating func section(
    _ line: ClosedRange<Double>, using oracle: some ScoreOracle, point: (Double) -> Tensor<Float>
  ) async throws {
    var (low, high) = (line.lowerBound, line.upperBound)
    for _ in 0..<Self.cuts where !oracle.isSolved && high > low {
      let places = (1...7).map { low + (high - low) * Double($0) / 8 }
      let points = places.map(point)
      let answers = try await oracle.scores(at: points)
      let first = answers.firstIndex { $0.reachesGoal } ?? 7
      for (point, answer) in zip(points, answers) where answer.reachesGoal { note(point) }
      (low, high) = (first > 0 ? places[first - 1] : low, first < 7 ? places[first] : high)
    }
  }

  /// Goes back from the point toward the example, as far as the goal stays reached.
  mutating func drawBack(using oracle: Oracle) async throws {
    guard isFound else { return }
    let (domain, end) = (domain, point)
    try await section(0...1, using: oracle) { share in
      domain.hull.projection(of: domain.center.interpolated(to: end, by: Float(share)))
    }
  }
}
