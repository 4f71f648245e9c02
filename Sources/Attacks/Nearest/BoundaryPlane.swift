import CGeometry
import Robustness
import Tensors

/// The small optimisation of `BrendelBethge`, with what it needs again and again.
struct BoundaryPlane {
  private let domain: any FeasibleSet
  private let pixels: Pixels
  private let nearness: gibbon_nearness
  private var scratch: [Float]

  init(_ domain: any FeasibleSet, _ pixels: Pixels, norm: Norm) {
    self.domain = domain
    self.pixels = pixels
    nearness =
      switch norm {
      case .zero: gibbon_near_zero
      case .one: gibbon_near_one
      case .two: gibbon_near_two
      case .infinity: gibbon_near_infinity
      }
    scratch = [Float](repeating: 0, count: 7 * (pixels.count * pixels.channels + 8))
  }

  /// The point nearest to the example on the plane where a linear function has risen, within a Euclidean distance
  /// and the box.
  mutating func follow(
    from point: Tensor<Float>, slopes: Tensor<Float>, rise: Double, trust: Double
  ) -> Tensor<Float> {
    let (domain, pixels, nearness) = (domain, pixels, nearness)
    return scratch.withUnsafeMutableBufferPointer { scratch in
      domain.center.withUnsafeScalars { center in
        domain.hull.lower.withUnsafeScalars { lower in
          domain.hull.upper.withUnsafeScalars { upper in
            point.withUnsafeScalars { from in
              slopes.withUnsafeScalars { slopes in
                Tensor(shape: point.shape) { target in
                  var problem = gibbon_boundary(
                    center: center.baseAddress, point: from.baseAddress,
                    lower: lower.baseAddress, upper: upper.baseAddress,
                    slopes: slopes.baseAddress, pixels: pixels.count, channels: pixels.channels,
                    rise: rise, trust: trust)
                  gibbon_boundary_follow(
                    &problem, nearness, target.baseAddress, scratch.baseAddress)
                }
              }
            }
          }
        }
      }
    }
  }
}
