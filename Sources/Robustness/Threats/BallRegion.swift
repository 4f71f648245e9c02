import Tensors

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// An L2 ball cut by bounds.
struct BallRegion: FeasibleSet {
  let center: Tensor<Float>
  let radius: Double
  let hull: Box

  /// The radius that points are made for: any order of summation then finds them inside `radius`.
  private var safeRadius: Double {
    radius * (1 - max(1e-12, Double(center.count) * 4 * Double.ulpOfOne))
  }

  func contains(_ point: Tensor<Float>) -> Bool {
    hull.contains(point) && distance(of: point) <= radius
  }

  func distance(of point: Tensor<Float>) -> Double {
    precondition(point.shape == center.shape, "a point of shape \(point.shape)")
    return squaredDistance(of: point).squareRoot()
  }

  func projection(of point: Tensor<Float>) -> Tensor<Float> {
    let boxed = hull.projection(of: point)
    // A square can neither overflow nor vanish in `Double`: the coordinates are `Float`.
    if squaredDistance(of: boxed).squareRoot() <= safeRadius { return boxed }
    if contains(point) { return point }
    return reaching(along: { Double(point[$0]) - Double(center[$0]) }, atMost: 1)
  }

  func maximizer(of gradient: Tensor<Float>) -> Tensor<Float> {
    precondition(gradient.shape == center.shape, "a gradient of shape \(gradient.shape)")
    return reaching(along: { Double(gradient[$0]) }, atMost: .infinity)
  }

  func direction(of gradient: Tensor<Float>) -> Tensor<Float> {
    precondition(gradient.shape == center.shape, "a gradient of shape \(gradient.shape)")
    let length = gradient.withUnsafeScalars(sumOfSquares).squareRoot()
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

  /// The point x + min(t |v|, c) sign(v) on the sphere, or nearer where t is limited or the box ends.
  private func reaching(along v: (Int) -> Double, atMost limit: Double) -> Tensor<Float> {
    let count = center.count
    return withUnsafeTemporaryAllocation(of: Double.self, capacity: count) { weights in
      withUnsafeTemporaryAllocation(of: Double.self, capacity: count) { caps in
        var largest = 0.0
        for index in 0..<count {
          let slope = v(index)
          weights[index] = slope.magnitude > 0 ? slope.magnitude : 0
          largest = max(largest, weights[index])
          let end = Double(slope < 0 ? hull.lower[index] : hull.upper[index])
          caps[index] = (end - Double(center[index])).magnitude
        }
        var limit = limit
        if largest.isInfinite {
          limit = .infinity
          for index in 0..<count { weights[index] = weights[index].isInfinite ? 1 : 0 }
        }
        var target = safeRadius
        while true {
          let t = min(
            limit, Saturation.scale(weights: weights, caps: caps, radius: target))
          let point = Tensor(shape: center.shape) { point in
            for index in 0..<count {
              let move = weights[index] > 0 ? min(t * weights[index], caps[index]) : 0
              point[index] = inward(index, v(index) < 0 ? -move : move)
            }
          }
          if squaredDistance(of: point).squareRoot() <= safeRadius || target == 0 { return point }
          // Not seen to happen: every coordinate was rounded toward the center.
          target = target > 1e-300 ? target * (1 - 1e-9) : 0
        }
      }
    }
  }

  /// The `Float` nearest to the center plus `move` that is not farther than `move`.
  private func inward(_ index: Int, _ move: Double) -> Float {
    let start = Double(center[index])
    let value = Float(start + move)
    if move > 0 {
      let within = Double(value) - start > move ? value.nextDown : value
      return min(max(within, center[index]), hull.upper[index])
    }
    let within = Double(value) - start < move ? value.nextUp : value
    return max(min(within, center[index]), hull.lower[index])
  }

  private func squaredDistance(of point: Tensor<Float>) -> Double {
    point.withUnsafeScalars { point in
      center.withUnsafeScalars { center in sumOfSquaredDifferences(point, center) }
    }
  }
}
