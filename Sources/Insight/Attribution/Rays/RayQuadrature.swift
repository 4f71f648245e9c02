import Tensors

/// The integral of a gradient along a ray by adaptive quadrature: parts of the ray are halved until the slope in the
/// middle of each foretells by how much the score changes over it.
///
/// The change of the score over a part of length h is known from its ends. It must agree with h times the slope in the
/// middle up to tolerance x |f(x) - f(b)| x sqrt(h): errors of many parts have no common sign, so their sum then stays
/// near the tolerance. Where it does not, all is done again with a quarter of the tolerance, while passes are left.
/// What is held in memory are numbers of parts and one batch of gradients.
struct RayQuadrature: Sendable {
  /// The gap that is aimed at, as a share of the change of the score.
  var tolerance = 1e-3
  /// The most gradients.
  var limit = 4096

  private struct Part {
    var lower: Double
    var length: Double
    var scores: (Double, Double)
    var middle: Double { lower + length / 2 }
  }

  /// Parts at the beginning.
  private static let first = 16
  /// Halvings of the whole ray beyond which single precision tells no points apart.
  private static let shortest = 0x1p-20

  /// The integral of the gradient of a class's score along a ray.
  ///
  /// - Parameters:
  ///   - ray: The ray.
  ///   - label: The class.
  ///   - score: The score.
  ///   - request: The model.
  /// - Returns: The integral, whatever its gap.
  /// - Throws: What the model throws; `CancellationError`.
  func integral(
    along ray: Ray, label: Int, of score: ClassScore, for request: AttributionRequest
  ) async throws -> RayIntegral {
    let starts = (0...RayQuadrature.first).map { Double($0) / Double(RayQuadrature.first) }
    let scores = try await request.scores(count: starts.count, of: label, score) {
      .stacking($0.map { ray.point(starts[$0]) })
    }
    let change = scores[scores.count - 1] - scores[0]
    let span = max(abs(change), 1e-3 * max(abs(scores[0]), abs(scores[scores.count - 1])))
    var (spent, share) = (0, tolerance)
    var best: (mean: [Double], gap: Double, parts: Int)?
    repeat {
      let parts = (0..<RayQuadrature.first).map {
        Part(
          lower: starts[$0], length: starts[$0 + 1] - starts[$0],
          scores: (scores[$0], scores[$0 + 1])
        )
      }
      let found = try await sweep(
        parts, ray, label, score, request, share * span, left: limit - spent)
      spent += found.gradients
      let gap = abs(found.sum - change)
      if best == nil || gap < best?.gap ?? .infinity { best = (found.mean, gap, found.parts) }
      share /= 4
    } while (best?.gap ?? 0) > tolerance * abs(change) && 2 * spent <= limit
    guard let best else { preconditionFailure("one sweep at least") }
    return RayIntegral(
      mean: best.mean, gradients: spent, forwards: starts.count,
      remark: "quadrature: \(best.parts) parts of the way, \(spent) gradients")
  }

  /// One pass through all parts.
  private func sweep(
    _ parts: [Part], _ ray: Ray, _ label: Int, _ score: ClassScore,
    _ request: AttributionRequest, _ tolerance: Double, left: Int
  ) async throws -> (mean: [Double], sum: Double, gradients: Int, parts: Int) {
    var open = parts
    var mean = [Double](repeating: 0, count: ray.start.count)
    var (sum, gradients, accepted) = (0.0, 0, 0)
    while !open.isEmpty {
      let some = Array(open.suffix(request.batch))
      open.removeLast(some.count)
      let (values, slopes) = try await request.gradients(
        at: .stacking(some.map { ray.point($0.middle) }), classes: some.map { _ in label },
        of: score)
      gradients += some.count
      for (row, part) in some.enumerated() {
        let slope = slopes.row(row)
        let step = part.length * slope.dot(ray.direction)
        let gap = abs(step - (part.scores.1 - part.scores.0))
        // What is open already must be taken once more at least.
        let isSpent = gradients + open.count + some.count - row + 2 > left
        if gap <= tolerance * part.length.squareRoot() || part.length <= RayQuadrature.shortest
          || isSpent
        {
          slope.withUnsafeScalars { slope in
            for place in slope.indices { mean[place] += part.length * Double(slope[place]) }
          }
          sum += step
          accepted += 1
        } else {
          let half = part.length / 2
          open.append(
            Part(lower: part.lower, length: half, scores: (part.scores.0, values[row])))
          open.append(
            Part(lower: part.middle, length: half, scores: (values[row], part.scores.1)))
        }
      }
    }
    return (mean, sum, gradients, accepted)
  }
}
