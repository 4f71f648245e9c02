import CGeometry
import Platform
import Tensors

/// An L2 ball cut by bounds.
struct BallRegion: FeasibleSet {
  let center: Tensor<Float>
  let radius: Double
  let hull: Box

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
  private func reaching(_ heading: Heading) -> Tensor<Float> {
    ClampedRay.with(center: center, hull: hull, heading: heading) { ray in
      // Rounding to the nearest `Float` moves the norm a little either way: aim a little short.
      var t = ray.scale(radius: safeRadius * (1 - 3e-8))
      for _ in 0..<4 {
        let point = ray.point(at: t)
        let reached = distance(of: point)
        if reached <= safeRadius { return point }
        t *= safeRadius / reached * (1 - 1e-9)
      }
      // The radius is near the resolution of `Float`: round every coordinate toward the center.
      let point = ray.pointInward(at: ray.scale(radius: safeRadius * (1 - 1e-12)))
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

/// Where to go from the center of a ball.
private enum Heading {
  /// Toward a point, but not past it.
  case point(Tensor<Float>)
  /// As far as possible along a slope.
  case slope(Tensor<Float>)
}

/// The points x + clamp(t v, -c, c): what projections and maximisers of a ball cut by a box look like.
///
/// Both the projection onto a ball cut by a box and the maximiser of a linear function over it have
/// this form, with slopes v, caps c (the distance to the bound on the side of v) and one t such that
/// the Euclidean norm of the move is the radius.
private struct ClampedRay {
  private let box: gibbon_box
  private let shape: Shape
  private let slopes: UnsafeMutableBufferPointer<Double>
  private let caps: UnsafeMutableBufferPointer<Double>
  private let limit: Double

  /// Prepares slopes and caps and calls `body` with them.
  static func with<Result>(
    center: Tensor<Float>, hull: Box, heading: Heading, _ body: (ClampedRay) -> Result
  ) -> Result {
    let padded = (center.count + 7) / 8 * 8
    return withUnsafeTemporaryAllocation(of: Double.self, capacity: 2 * padded) { room in
      room.initialize(repeating: 0)
      return center.withUnsafeScalars { start in
        hull.lower.withUnsafeScalars { lower in
          hull.upper.withUnsafeScalars { upper in
            body(
              ClampedRay(
                gibbon_box(
                  center: start.baseAddress, lower: lower.baseAddress, upper: upper.baseAddress,
                  count: center.count),
                shape: center.shape, heading: heading,
                slopes: UnsafeMutableBufferPointer(rebasing: room[..<padded]),
                caps: UnsafeMutableBufferPointer(rebasing: room[padded...])))
          }
        }
      }
    }
  }

  private init(
    _ box: gibbon_box, shape: Shape, heading: Heading, slopes: UnsafeMutableBufferPointer<Double>,
    caps: UnsafeMutableBufferPointer<Double>
  ) {
    (self.box, self.shape, self.slopes, self.caps) = (box, shape, slopes, caps)
    let (values, isPoint) =
      switch heading {
      case .point(let point): (point, true)
      case .slope(let slope): (slope, false)
      }
    let largest = withUnsafePointer(to: box) { box in
      values.withUnsafeScalars {
        gibbon_saturation_prepare(
          box, $0.baseAddress, isPoint ? 1 : 0, slopes.baseAddress, caps.baseAddress)
      }
    }
    limit = isPoint && largest.isFinite ? 1 : .infinity
    guard largest.isInfinite else { return }
    // An infinite slope outweighs every finite one.
    for index in slopes.indices {
      slopes[index] = slopes[index].isInfinite ? (slopes[index] > 0 ? 1 : -1) : 0
    }
  }

  /// The t at which the norm of clamp(t v, -c, c) is `radius`, or its limit: 1 for a point, infinity for a
  /// slope whose caps alone are not longer.
  ///
  /// An active-set iteration: with the saturated coordinates known, t has a closed form. Starting
  /// from none, t only grows and the saturated set only grows, so it ends after at most as many
  /// rounds as there are coordinates; a handful is usual.
  func scale(radius: Double) -> Double {
    var t = 0.0
    while true {
      let sums = gibbon_saturation_sums(slopes.baseAddress, caps.baseAddress, slopes.count, t)
      if sums.free == 0 { return limit }
      let rest = radius * radius - sums.saturated
      // Rounding may leave the rest a hair below zero once the caps fill the ball.
      guard rest > 0 else { return min(t, limit) }
      let next = (rest / sums.free).squareRoot()
      // The same saturated set gives the same t, bit for bit.
      if next <= t { return min(t, limit) }
      t = next
    }
  }

  /// The point at a t, its coordinates rounded to the nearest `Float`.
  func point(at t: Double) -> Tensor<Float> {
    Tensor(shape: shape) { target in
      withUnsafePointer(to: box) {
        gibbon_saturation_move(
          $0, slopes.baseAddress, caps.baseAddress, t, target.baseAddress)
      }
    }
  }

  /// The point at a t, its coordinates rounded toward the center.
  func pointInward(at t: Double) -> Tensor<Float> {
    Tensor(shape: shape) { target in
      withUnsafePointer(to: box) {
        gibbon_saturation_move_inward(
          $0, slopes.baseAddress, caps.baseAddress, t, target.baseAddress)
      }
    }
  }
}
