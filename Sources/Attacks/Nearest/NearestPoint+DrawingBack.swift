import Robustness
import Tensors

extension NearestPoint {
  /// How often a piece of the line is cut in 8.
  private static let cuts = 3

  /// The most that `drawBack` asks for.
  static let costOfDrawingBack = Passes(forward: 7 * cuts)

  /// Goes back from the point toward the example, as far as the goal stays reached.
  mutating func drawBack(using oracle: Oracle) async throws {
    guard isFound, !oracle.isSolved else { return }
    let end = point
    var (low, high) = (0.0, 1.0)
    for _ in 0..<Self.cuts {
      let shares = (1..<8).map { low + (high - low) * Double($0) / 8 }
      let points = shares.map { share in
        domain.hull.projection(of: domain.center.zip(end) { $0 + Float(share) * ($1 - $0) })
      }
      let answers = try await oracle.scores(at: points)
      let first = answers.firstIndex { $0.reachesGoal } ?? 7
      if first < 7 { note(points[first]) }
      (low, high) = (first > 0 ? shares[first - 1] : low, first < 7 ? shares[first] : high)
      if oracle.isSolved { return }
    }
  }
}
