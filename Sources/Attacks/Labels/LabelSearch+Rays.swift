import Robustness
import Tensors

extension LabelSearch {
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
