import Robustness
import Tensors

/// Balls of any radius around an example, with the bounds: projections as minimum-norm attacks have them, first onto
/// the ball, then onto the bounds.
struct MoveBall {
  private let center: Tensor<Float>
  private let hull: Box
  private let norm: Norm
  /// The number of places that count as one for L0.
  private let pixels: Int
  /// The distance of the corner that is farthest.
  let largestRadius: Double

  init(_ domain: any FeasibleSet, norm: Norm) {
    center = domain.center
    hull = domain.hull
    self.norm = norm
    pixels = center.shape.pixelCount
    let farthest = center.zip(hull.lower, hull.upper) { max($0 - $1, $2 - $0) }
    largestRadius = norm == .zero ? Double(pixels) : norm.size(of: farthest)
  }

  /// A point moved by a length along a gradient; where that is zero, infinite or not a number the point stays.
  func ascended(
    _ point: Tensor<Float>, along gradient: Tensor<Float>, length: Double
  ) -> Tensor<Float> {
    let size = gradient.squaredLength.squareRoot()
    guard size > 0, size.isFinite else { return point }
    let scale = length / size
    if scale < 1e30, scale > 1e-30 {
      return point.advanced(by: Float(scale), along: gradient)
    }
    return point.zip(gradient) { $0 + Float(scale * Double($1)) }
  }

  /// The point at a distance from the example in the direction of a point, cut by the bounds.
  func scaled(_ point: Tensor<Float>, to radius: Double) -> Tensor<Float> {
    let size = center.squaredDistance(to: point).squareRoot()
    guard size > 0 else { return point }
    return cut(point, by: Float(min(radius / size, 1e30)))
  }

  /// The nearest point of the ball of a radius, cut by the bounds.
  func projection(of point: Tensor<Float>, radius: Double) -> Tensor<Float> {
    switch norm {
    case .two:
      let size = center.squaredDistance(to: point).squareRoot()
      return size > radius ? cut(point, by: Float(radius / size)) : hull.projection(of: point)
    case .infinity:
      let limit = Float(min(radius, Double(Float.greatestFiniteMagnitude)))
      return hull.projection(
        of: center.zip(point) { $0 + min(max($1 - $0, -limit), limit) })
    case .one:
      let threshold = threshold(of: point, radius: radius)
      return hull.projection(
        of: center.zip(point) {
          let move = $1 - $0
          let size = max(move.magnitude - threshold, 0)
          return move < 0 ? $0 - size : $0 + size
        })
    case .zero: return hull.projection(of: sparse(point, count: radius))
    }
  }

  private func cut(_ point: Tensor<Float>, by factor: Float) -> Tensor<Float> {
    hull.projection(of: center.interpolated(to: point, by: factor))
  }

  /// The t at which the sum of max(|d| - t, 0) is the radius: Newton's method climbs to it from zero.
  private func threshold(of point: Tensor<Float>, radius: Double) -> Float {
    let sizes = point.zip(center) { ($0 - $1).magnitude }
    var threshold: Float = 0
    for _ in 0..<100 {
      var count = 0
      let sum = sizes.sum { size in
        let excess = size - threshold
        guard excess > 0 else { return 0 }
        count += 1
        return Double(excess)
      }
      guard count > 0, sum > radius else { break }
      let next = threshold + Float((sum - radius) / Double(count))
      if next <= threshold { break }
      threshold = next
    }
    return threshold
  }

  /// The point with the moves of so many pixels, the longest; of equals the first.
  private func sparse(_ point: Tensor<Float>, count: Double) -> Tensor<Float> {
    guard count < Double(pixels) else { return point }
    var sizes = [Float](repeating: 0, count: pixels)
    for start in stride(from: 0, to: center.count, by: pixels) {
      for pixel in 0..<pixels {
        let move = point[start + pixel] - center[start + pixel]
        sizes[pixel] += move * move
      }
    }
    let kept = MoveBall.largest(Int(max(count, 0)), of: sizes)
    var result = center
    for start in stride(from: 0, to: center.count, by: pixels) {
      for pixel in 0..<pixels where kept[pixel] { result[start + pixel] = point[start + pixel] }
    }
    return result
  }

  /// Which of some non-negative numbers are the largest; of equals the first.
  private static func largest(_ count: Int, of values: [Float]) -> [Bool] {
    guard count > 0 else { return values.map { _ in false } }
    let least = Tensor(values, shape: [values.count]).magnitude(ofRank: count)
    var rest = count - values.count { $0 > least }
    return values.map { value in
      if value == least { rest -= 1 }
      return value > least || (value == least && rest >= 0)
    }
  }
}
