import CGeometry
import Platform
import Tensors

/// An L2 ball cut by bounds.
struct BallRegion: FeasibleSet {
  let center: Tensor<Float>
  let radius: Double
  let hull: Box

  func contains(_ point: Tensor<Float>) -> Bool {
    hull.contains(point) && distance(of: point) <= radius
  }

  func distance(of point: Tensor<Float>) -> Double {
    precondition(point.shape == center.shape, "a point of shape \(point.shape)")
    return squaredDistance(of: point).squareRoot()
  }

  func projection(of point: Tensor<Float>) -> Tensor<Float> {
    let boxed = hull.projection(of: point)
    if distance(of: boxed) <= safeRadius { return boxed }
    if contains(point) { return point }
    return reaching(.point(point))
  }

  func maximizer(of gradient: Tensor<Float>) -> Tensor<Float> {
    precondition(gradient.shape == center.shape, "a gradient of shape \(gradient.shape)")
    return reaching(.slope(gradient))
  }

  func direction(of gradient: Tensor<Float>) -> Tensor<Float> {
    precondition(gradient.shape == center.shape, "a gradient of shape \(gradient.shape)")
    let length = gradient.withUnsafeScalars {
      gibbon_sum_of_squares($0.baseAddress, $0.count)
    }.squareRoot()
    if length == 0 { return gradient }
    if length.isFinite {
      let scale = 1 / length
      // Beyond this the scale itself leaves the range of `Float`.
      guard length > 1e-30, length < 1e30 else {
        return gradient.map { Float(Double($0) * scale) }
      }
      return Float(scale) * gradient
    }
    // An infinite slope outweighs every finite one; NaN is no direction at all.
    let infinite = gradient.scalars.contains { $0.isInfinite }
    return direction(
      of: gradient.map { slope in
        if slope.isNaN { return 0 }
        return infinite ? (slope.isInfinite ? (slope > 0 ? 1 : -1) : 0) : slope
      })
  }

  func sample(using randomness: inout Philox) -> Tensor<Float> {
    let normals = randomness.normals(center.shape)
    let uniform = Double(randomness.next() >> 11) * 0x1p-53
    let length = max(normals.norm2, .leastNormalMagnitude)
    let scale = safeRadius * pow(uniform, 1 / Double(max(center.count, 1))) / length
    return projection(
      of: center.zip(normals) { value, normal in Float(Double(value) + scale * Double(normal)) })
  }

  /// The point x + clamp(t v, -c, c) on the sphere, or nearer where it is enough to go to the point or
  /// where the box ends.
  private func reaching(_ aim: Aim) -> Tensor<Float> {
    Saturation.with(center: center, hull: hull, aim: aim) { saturation in
      // Rounding to the nearest `Float` moves the norm a little either way: aim a little short.
      var t = saturation.scale(radius: safeRadius * (1 - 3e-8))
      for _ in 0..<4 {
        let point = saturation.point(at: t)
        let reached = distance(of: point)
        if reached <= safeRadius { return point }
        t *= safeRadius / reached * (1 - 1e-9)
      }
      // The radius is near the resolution of `Float`: round every coordinate toward the center.
      let point = saturation.pointInward(at: saturation.scale(radius: safeRadius * (1 - 1e-12)))
      return distance(of: point) <= safeRadius ? point : center
    }
  }

  private func squaredDistance(of point: Tensor<Float>) -> Double {
    point.withUnsafeScalars { point in
      center.withUnsafeScalars { center in
        gibbon_squared_distance(point.baseAddress, center.baseAddress, point.count)
      }
    }
  }
}
