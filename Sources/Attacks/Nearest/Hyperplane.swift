import CGeometry
import Robustness
import Tensors

/// Projections onto hyperplanes within a box around an example: what minimum-norm attacks step by.
struct Hyperplane {
  /// The norm in which projections are nearest.
  private let norm: gibbon_norm
  private let center: Tensor<Float>
  private let hull: Box

  /// Projections within a problem's domain, in its norm: L-infinity, L2 or L1.
  ///
  /// - Throws: `ThreatError.unsized`.
  init(_ problem: Problem) throws {
    norm =
      switch problem.threat.norm {
      case .infinity: gibbon_norm_infinity
      case .two: gibbon_norm_two
      default: gibbon_norm_one
      }
    let domain = try problem.domain
    center = domain.center
    hull = domain.hull
  }

  /// The smallest move from a point to where a linear function has risen by so much, and its size; where the box
  /// ends before, the move to the corner that comes nearest.
  func move(
    from point: Tensor<Float>, along slopes: Tensor<Float>, by rise: Double
  ) -> (move: Tensor<Float>, size: Double) {
    var size = 0.0
    let move = Tensor<Float>(shape: point.shape) { target in
      withBox(around: point) { box in
        slopes.withUnsafeScalars { slopes in
          withUnsafeTemporaryAllocation(of: Float.self, capacity: 3 * (slopes.count + 8)) {
            size = gibbon_hyperplane_move(
              box, slopes.baseAddress, rise, norm, target.baseAddress, $0.baseAddress)
          }
        }
      }
    }
    return (move, size)
  }

  /// How far the hyperplane on which a linear function has risen by so much would be without the bounds; infinite
  /// where there is no slope.
  func distance(along slopes: Tensor<Float>, by rise: Double) -> Double {
    let steepness =
      switch norm {
      case gibbon_norm_infinity: slopes.norm1
      case gibbon_norm_two: slopes.norm2
      default: slopes.normInfinity
      }
    return steepness > 0 ? rise / steepness : .infinity
  }

  /// The biased step of the fast adaptive boundary attack; see `FAB`.
  ///
  /// - Parameters:
  ///   - point: Where a linear function is known.
  ///   - slopes: Its gradient.
  ///   - rise: By how much it rises from the point to the hyperplane.
  ///   - bias: The largest weight of the way that begins at the example.
  ///   - overshoot: By what factor moves are made longer.
  /// - Returns: Where it leads, and how far the hyperplane is from the example.
  func step(
    from point: Tensor<Float>, along slopes: Tensor<Float>, by rise: Double, bias: Double,
    overshoot: Double
  ) -> (point: Tensor<Float>, distance: Double) {
    var distance = 0.0
    let reached = Tensor<Float>(shape: point.shape) { target in
      withBox(around: center) { box in
        point.withUnsafeScalars { point in
          slopes.withUnsafeScalars { slopes in
            withUnsafeTemporaryAllocation(of: Float.self, capacity: 5 * (slopes.count + 8)) {
              distance = gibbon_boundary_step(
                box, point.baseAddress, slopes.baseAddress, rise, norm, bias, overshoot,
                target.baseAddress, $0.baseAddress)
            }
          }
        }
      }
    }
    return (reached, distance)
  }

  private func withBox<Result>(
    around center: Tensor<Float>, _ body: (UnsafePointer<gibbon_box>) -> Result
  ) -> Result {
    center.withUnsafeScalars { center in
      hull.lower.withUnsafeScalars { lower in
        hull.upper.withUnsafeScalars { upper in
          withUnsafePointer(
            to: gibbon_box(
              center: center.baseAddress, lower: lower.baseAddress, upper: upper.baseAddress,
              count: center.count), body)
        }
      }
    }
  }
}
