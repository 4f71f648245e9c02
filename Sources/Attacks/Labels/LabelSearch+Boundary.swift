import Robustness
import Tensors

extension LabelSearch {
  /// A point between the example and `point`: for L-infinity the nearest one within `share` of the distance, else
  /// x + share * (point - x).
  func approached(_ point: Tensor<Float>, _ share: Double) -> Tensor<Float> {
    guard share < 1 else { return point }
    guard norm == .infinity else {
      return hull.projection(of: center.advanced(by: Float(share), toward: point))
    }
    return center.limited(to: Float(share * distance(of: point)), toward: point)
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
    var weighted = [Float](repeating: 0, count: x.count)
    var total = weighted
    var balance = 0
    var done = 0
    while done < draws {
      let points = (0..<min(draws - done, population)).map { _ in
        point(from: x, along: randomness.direction(x.shape), length: radius)
      }
      let answers = try await reaches(all: points)
      for (point, isReached) in zip(points, answers) {
        weighted.add(point, minus: x, times: isReached ? 1 : -1)
        total.add(point, minus: x, times: 1)
        balance += isReached ? 1 : -1
      }
      done += answers.count
    }
    let isMixed = abs(balance) < done
    let mean = isMixed ? Float(balance) / Float(max(done, 1)) : 0
    let scale = Float(1 / radius)
    let sum = zip(weighted, total).map { ($0 - mean * $1) * scale }
    return (Tensor(sum, shape: x.shape), isMixed)
  }

  /// How many points are asked about at once: enough to fill batches, few enough to be held for many examples.
  var population: Int { min(64, max(8, (1 << 20) / max(center.count, 1))) }
}
