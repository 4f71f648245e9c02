import Robustness
import Tensors

/// A point at which the goal is reached, and the boundary between it and the example.
struct BoundaryStart {
  /// The most steps of ascent.
  let steps: Int
  /// How often a piece of the line is cut in 8.
  static let cuts = 3

  /// The most passes.
  var budget: Passes { .gradients(steps) + Passes(forward: 7 * BoundaryStart.cuts) }

  /// Ascends the margin from the example, and from random points where that is of no use, then draws the point
  /// toward the example.
  ///
  /// - Returns: A point at which the goal is reached; `nil` if none was found.
  func find(
    _ objective: any Objective, _ domain: any FeasibleSet, _ nearest: inout NearestPoint,
    norm: Norm, using oracle: Oracle
  ) async throws -> Tensor<Float>? {
    var randomness = oracle.randomness("start")
    var x = domain.center
    let length = 0.03 * size(of: domain, norm)
    var found: Tensor<Float>?
    for step in 0..<steps {
      if step > 0, step % 40 == 0 { x = domain.sample(using: &randomness) }
      let answer = try await oracle.gradient(at: x, of: objective)
      if answer.reachesGoal {
        nearest.note(x)
        found = x
        break
      }
      let next = domain.step(from: x, along: answer.gradient, length: length)
      x = next == x ? domain.sample(using: &randomness) : next
    }
    guard let found, !oracle.isSolved else { return found }
    try await BoundaryStart.cut(to: found, domain, &nearest, using: oracle)
    return nearest.point
  }

  /// The size of the box.
  private func size(of domain: any FeasibleSet, _ norm: Norm) -> Double {
    let width = domain.hull.lower.zip(domain.hull.upper) { min($1 - $0, 1e30) }
    switch norm {
    case .infinity: return width.normInfinity
    case .two: return width.norm2
    case .one: return width.norm1
    case .zero: return Double(Pixels(domain).count)
    }
  }

  /// Looks for the boundary on the line from the example to a point where the goal is reached, by 7 forward passes for
  /// each cut.
  static func cut(
    to end: Tensor<Float>, _ domain: any FeasibleSet, _ nearest: inout NearestPoint,
    using oracle: Oracle
  ) async throws {
    var (low, high) = (0.0, 1.0)
    for _ in 0..<BoundaryStart.cuts {
      let shares = (1..<8).map { low + (high - low) * Double($0) / 8 }
      let points = shares.map { share in
        domain.hull.projection(of: domain.center.zip(end) { $0 + Float(share) * ($1 - $0) })
      }
      let answers = try await oracle.scores(at: points)
      let first = answers.firstIndex { $0.reachesGoal } ?? 7
      if first < 7 { nearest.note(points[first]) }
      (low, high) = (first > 0 ? shares[first - 1] : low, first < 7 ? shares[first] : high)
      if oracle.isSolved { return }
    }
  }
}
