import Robustness
import Tensors

/// A point at which the goal is reached, and the boundary between it and the example.
struct BoundaryStart {
  /// The most steps of ascent.
  let steps: Int

  /// The most passes.
  var budget: Passes { .gradients(steps) + NearestPoint.costOfDrawingBack }

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
    for step in 0..<steps {
      if step > 0, step % 40 == 0 { x = domain.sample(using: &randomness) }
      let answer = try await oracle.gradient(at: x, of: objective)
      if answer.reachesGoal {
        nearest.note(x)
        break
      }
      let next = domain.step(from: x, along: answer.gradient, length: length)
      x = next == x ? domain.sample(using: &randomness) : next
    }
    try await nearest.drawBack(using: oracle)
    return nearest.isFound ? nearest.point : nil
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
}
