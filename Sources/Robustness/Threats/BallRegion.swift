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

  /// Where to go from the center: toward a point, but not past it, or as far as possible along a
  /// slope.
  private enum Aim {
    case point(Tensor<Float>)
    case slope(Tensor<Float>)
  }

  /// The point x + min(t |v|, c) sign(v) on the sphere, or nearer where t is limited or the box
  /// ends.
  private func reaching(_ aim: Aim) -> Tensor<Float> {
    let count = center.count
    let blocks = (count + 7) / 8
    return withUnsafeTemporaryAllocation(of: SIMD8<Double>.self, capacity: 2 * blocks) { room in
      room.initialize(repeating: .zero)
      let saturation = Saturation(
        weights: UnsafeMutableBufferPointer(rebasing: room[..<blocks]),
        caps: UnsafeMutableBufferPointer(rebasing: room[blocks...]))
      var limit: Double
      let toward: Tensor<Float>
      switch aim {
      case .point(let point): (limit, toward) = (1, point)
      case .slope(let slope): (limit, toward) = (.infinity, slope)
      }
      let largest = fill(saturation, aim)
      if largest.isInfinite {
        limit = .infinity
        for index in 0..<blocks {
          saturation.weights[index] =
            SIMD8(repeating: 0).replacing(with: 1, where: saturation.weights[index] .== .infinity)
        }
      }
      // Rounding to the nearest `Float` moves the norm a little either way: aim a little short.
      var t = min(limit, saturation.scale(radius: safeRadius * (1 - 3e-8)))
      for _ in 0..<4 {
        let point = move(saturation, t, aim, toward, inward: false)
        let reached = distance(of: point)
        if reached <= safeRadius { return point }
        t *= safeRadius / reached * (1 - 1e-9)
      }
      // The radius is near the resolution of `Float`: round every coordinate toward the center.
      t = min(limit, saturation.scale(radius: safeRadius * (1 - 1e-12)))
      let point = move(saturation, t, aim, toward, inward: true)
      return distance(of: point) <= safeRadius ? point : center
    }
  }

  /// Writes weights and caps.
  ///
  /// - Returns: The largest weight.
  private func fill(_ saturation: Saturation, _ aim: Aim) -> Double {
    func fill(_ aim: UnsafeBufferPointer<Float>, _ isPoint: Bool) -> Double {
      center.withUnsafeScalars { center in
        hull.lower.withUnsafeScalars { lower in
          hull.upper.withUnsafeScalars { upper in
            let weights = UnsafeMutableBufferPointer(rebinding: saturation.weights)
            let caps = UnsafeMutableBufferPointer(rebinding: saturation.caps)
            var largest = 0.0
            for index in 0..<center.count {
              let start = Double(center[index])
              let slope = isPoint ? Double(aim[index]) - start : Double(aim[index])
              let cap = slope < 0 ? start - Double(lower[index]) : Double(upper[index]) - start
              // A NaN has no magnitude above zero. Without room there is no weight either, which
              // spares the solver a round.
              let weight = slope.magnitude > 0 && cap > 0 ? slope.magnitude : 0
              weights[index] = weight
              caps[index] = cap
              largest = weight > largest ? weight : largest
            }
            return largest
          }
        }
      }
    }
    switch aim {
    case .point(let point): return point.withUnsafeScalars { fill($0, true) }
    case .slope(let slope): return slope.withUnsafeScalars { fill($0, false) }
    }
  }

  /// The center plus min(t w, c) toward the aim, inside the box.
  private func move(
    _ saturation: Saturation, _ t: Double, _ aim: Aim, _ toward: Tensor<Float>, inward: Bool
  ) -> Tensor<Float> {
    let isPoint = if case .point = aim { true } else { false }
    let weights = UnsafeMutableBufferPointer(rebinding: saturation.weights)
    let caps = UnsafeMutableBufferPointer(rebinding: saturation.caps)
    return toward.withUnsafeScalars { toward in
      center.withUnsafeScalars { center in
        hull.lower.withUnsafeScalars { lower in
          hull.upper.withUnsafeScalars { upper in
            Tensor(shape: self.center.shape) { target in
              for index in 0..<target.count {
                let start = Double(center[index])
                let isDown = toward[index] < (isPoint ? center[index] : 0)
                let weight = weights[index]
                let scaled = t * weight
                let length = scaled < caps[index] ? scaled : caps[index]
                let move = weight > 0 ? (isDown ? -length : length) : 0
                var value = Float(start + move)
                if inward, (Double(value) - start).magnitude > length {
                  value = isDown ? value.nextUp : value.nextDown
                }
                value = value > lower[index] ? value : lower[index]
                target[index] = value < upper[index] ? value : upper[index]
              }
            }
          }
        }
      }
    }
  }

  private func squaredDistance(of point: Tensor<Float>) -> Double {
    point.withUnsafeScalars { point in
      center.withUnsafeScalars { center in sumOfSquaredDifferences(point, center) }
    }
  }
}

extension UnsafeMutableBufferPointer where Element == Double {
  /// The lanes of vectors as an array of numbers.
  fileprivate init(rebinding vectors: UnsafeMutableBufferPointer<SIMD8<Double>>) {
    let raw = UnsafeMutableRawBufferPointer(vectors)
    self = raw.assumingMemoryBound(to: Double.self)
  }
}
