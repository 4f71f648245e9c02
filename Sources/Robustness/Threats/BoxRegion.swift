import Tensors

/// An L-infinity ball cut by bounds: a box around the example.
struct BoxRegion: FeasibleSet {
  let center: Tensor<Float>
  let radius: Double
  let hull: Box

  func projection(of point: Tensor<Float>) -> Tensor<Float> { hull.projection(of: point) }

  func maximizer(of gradient: Tensor<Float>) -> Tensor<Float> {
    precondition(gradient.shape == center.shape, "a gradient of shape \(gradient.shape)")
    return gradient.withUnsafeScalars { gradient in
      center.withUnsafeScalars { center in
        hull.lower.withUnsafeScalars { lower in
          hull.upper.withUnsafeScalars { upper in
            Tensor(shape: self.center.shape) { target in
              for index in 0..<target.count {
                let slope = gradient[index]
                target[index] =
                  slope > 0 ? upper[index] : (slope < 0 ? lower[index] : center[index])
              }
            }
          }
        }
      }
    }
  }

  func direction(of gradient: Tensor<Float>) -> Tensor<Float> {
    gradient.map { slope in (slope > 0 ? 1 : 0) - (slope < 0 ? 1 : 0) }
  }

  /// The default in one pass, bit for bit.
  func step(
    from point: Tensor<Float>, along gradient: Tensor<Float>, length: Double
  ) -> Tensor<Float> {
    precondition(point.shape == center.shape, "a point of shape \(point.shape)")
    precondition(gradient.shape == center.shape, "a gradient of shape \(gradient.shape)")
    let size = Float(length)
    return gradient.withUnsafeScalars { gradient in
      point.withUnsafeScalars { point in
        hull.lower.withUnsafeScalars { lower in
          hull.upper.withUnsafeScalars { upper in
            Tensor(shape: self.center.shape) { target in
              for index in 0..<target.count {
                let slope = gradient[index]
                let value = point[index] + (slope > 0 ? size : (slope < 0 ? -size : 0))
                let raised = value > lower[index] ? value : lower[index]
                target[index] = raised < upper[index] ? raised : upper[index]
              }
            }
          }
        }
      }
    }
  }

  func sample(using randomness: inout Philox) -> Tensor<Float> {
    var generator = randomness
    let point = hull.lower.zip(hull.upper) { lower, upper in
      let share = generator.uniform()
      // Not lower + share * (upper - lower): the width of a large box overflows.
      return min(max(lower * (1 - share) + upper * share, lower), upper)
    }
    randomness = generator
    return point
  }

  func contains(_ point: Tensor<Float>) -> Bool { hull.contains(point) }

  func distance(of point: Tensor<Float>) -> Double {
    precondition(point.shape == center.shape, "a point of shape \(point.shape)")
    var largest = 0.0
    for index in 0..<point.count {
      let difference = (Double(point[index]) - Double(center[index])).magnitude
      if difference > largest || difference.isNaN { largest = difference }
    }
    return largest
  }
}
