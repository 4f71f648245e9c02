import CGeometry
import Tensors

// Sums at the speed of memory: in eight sums, so that they differ in the last bits from `norm2`, of one sum.

extension Tensor where Scalar == Float {
  /// The sum of squares, in double precision.
  var squaredLength: Double { gibbon_sum_of_squares(scalars, count) }

  /// The squared Euclidean distance of two points, in double precision.
  func squaredDistance(to other: Tensor) -> Double {
    precondition(shape == other.shape, "shapes differ: \(shape) and \(other.shape)")
    return gibbon_squared_distance(scalars, other.scalars, count)
  }
}
