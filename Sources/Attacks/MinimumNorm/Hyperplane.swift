import CGeometry
import Robustness
import Tensors

/// Projections onto hyperplanes within a box around an example: what minimum-norm attacks step by.
struct Hyperplane {
  /// The norm in which projections are nearest.
  private let norm: Norm
  private let center: Tensor<Float>
  private let hull: Box

  /// Projections within a problem's domain, in its norm: L-infinity, L2 or L1.
  ///
  /// - Throws: `ThreatError.unsized`.
  init(_ problem: Problem) throws {
    norm = try problem.norm
    let domain = try problem.domain
    center = domain.center
    hull = domain.hull
  }

  /// The norm as C knows it.
  private var form: gibbon_norm {
    switch norm {
    case .infinity: gibbon_norm_infinity
    case .two: gibbon_norm_two
    case .one, .zero: gibbon_norm_one
    }
  }

  /// The smallest move from a point to where a linear function has risen by so much, and its size; where the box
  /// ends before, the move to the corner that comes nearest.
  func move(
    from point: Tensor<Float>, along slopes: Tensor<Float>, by rise: Double
  ) -> (move: Tensor<Float>, size: Double) {
    var size = 0.0
    let move = withBox(around: point, slopes) { box, inputs, target in
      withUnsafeTemporaryAllocation(of: Float.self, capacity: 3 * (slopes.count + 8)) {
        size = gibbon_hyperplane_move(
          box, inputs[0].baseAddress, rise, form, target.baseAddress, $0.baseAddress)
      }
    }
    return (move, size)
  }

  /// How far the hyperplane on which a linear function has risen by so much would be without the bounds; infinite
  /// where there is no slope.
  func distance(along slopes: Tensor<Float>, by rise: Double) -> Double {
    let steepness = norm.dual.size(of: slopes)
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
    let reached = withBox(around: center, point, slopes) { box, inputs, target in
      withUnsafeTemporaryAllocation(of: Float.self, capacity: 5 * (slopes.count + 8)) {
        distance = gibbon_boundary_step(
          box, inputs[0].baseAddress, inputs[1].baseAddress, rise, form, bias, overshoot,
          target.baseAddress, $0.baseAddress)
      }
    }
    return (reached, distance)
  }

  /// The tensor that `fill` writes, given the box around a point and some other tensors.
  private func withBox(
    around center: Tensor<Float>, _ others: Tensor<Float>...,
    fill: (
      UnsafePointer<gibbon_box>, [UnsafeBufferPointer<Float>], UnsafeMutableBufferPointer<Float>
    ) -> Void
  ) -> Tensor<Float> {
    Tensor.withUnsafeScalars([center, hull.lower, hull.upper] + others) { inputs in
      var box = gibbon_box(
        center: inputs[0].baseAddress, lower: inputs[1].baseAddress, upper: inputs[2].baseAddress,
        count: center.count)
      return Tensor(shape: center.shape) { fill(&box, Array(inputs.dropFirst(3)), $0) }
    }
  }
}
