import CGeometry
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

  /// The projection of the point moved along the signs, in one go.
  func step(
    from point: Tensor<Float>, along gradient: Tensor<Float>, length: Double
  ) -> Tensor<Float> {
    precondition(
      point.shape == center.shape && gradient.shape == center.shape,
      "a step of shape \(point.shape) and \(gradient.shape)")
    return center.withUnsafeScalars { center in
      hull.lower.withUnsafeScalars { lower in
        hull.upper.withUnsafeScalars { upper in
          withUnsafePointer(
            to: gibbon_box(
              center: center.baseAddress, lower: lower.baseAddress, upper: upper.baseAddress,
              count: center.count)
          ) { box in
            point.withUnsafeScalars { point in
              gradient.withUnsafeScalars { gradient in
                Tensor(shape: self.center.shape) {
                  gibbon_box_step(
                    point.baseAddress, gradient.baseAddress, Float(length), box, $0.baseAddress)
                }
              }
            }
          }
        }
      }
    }
  }

  func sample(using randomness: inout Philox) -> Tensor<Float> {
    var point = randomness.uniforms(center.shape)
    point.withUnsafeMutableScalars { point in
      hull.lower.withUnsafeScalars { lower in
        hull.upper.withUnsafeScalars { upper in
          for (index, share) in point.enumerated() {
            // Not lower + share * (upper - lower): the width of a large box overflows.
            let drawn = lower[index] * (1 - share) + upper[index] * share
            point[index] = min(max(drawn, lower[index]), upper[index])
          }
        }
      }
    }
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
