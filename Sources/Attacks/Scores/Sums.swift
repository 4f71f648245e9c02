import CGeometry

/// Sums over an input's values at the speed of memory.
enum Sums {
  /// The sum of squares, in double precision.
  static func squares(_ values: UnsafeBufferPointer<Float>) -> Double {
    gibbon_sum_of_squares(values.baseAddress, values.count)
  }
}
