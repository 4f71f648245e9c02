import Tensors

/// Numbers that surely hold the exact real values of a tensor, element by element.
///
/// What cannot be bounded, by overflow or else, is NaN, and stays so.
struct Enclosure: Sendable {
  enum Form: Sendable {
    /// The values themselves.
    case exact(Tensor<Double>)
    case centered(center: Tensor<Double>, radius: Tensor<Double>)
    case ends(lower: Tensor<Double>, upper: Tensor<Double>)
  }

  let form: Form

  init(_ form: Form) { self.form = form }

  var shape: Shape {
    switch form {
    case .exact(let values), .centered(let values, _), .ends(let values, _): values.shape
    }
  }

  /// The values, if they are known exactly.
  var exact: Tensor<Double>? { if case .exact(let values) = form { values } else { nil } }

  /// The ends, rounded outward.
  var ends: (lower: Tensor<Double>, upper: Tensor<Double>) {
    switch form {
    case .exact(let values): (values, values)
    case .ends(let lower, let upper): (lower, upper)
    case .centered(let center, let radius):
      (center.zip(radius) { ($0 - $1).nextDown }, center.zip(radius) { ($0 + $1).nextUp })
    }
  }

  /// A center and a radius that hold all values.
  var centered: (center: Tensor<Double>, radius: Tensor<Double>) {
    switch form {
    case .exact(let values): (values, .zeros(values.shape))
    case .centered(let center, let radius): (center, radius)
    case .ends(let lower, let upper):
      Enclosure.centered(lower, upper)
    }
  }

  private static func centered(
    _ lower: Tensor<Double>, _ upper: Tensor<Double>
  ) -> (center: Tensor<Double>, radius: Tensor<Double>) {
    let center = lower.zip(upper) { ($0 + $1) / 2 }
    let radius = center.zip(lower, upper) { center, lower, upper in
      // An empty interval, and one without a center, is none.
      guard lower <= upper, center.isFinite else { return Double.nan }
      if lower == upper { return 0 }
      return max((upper - center).nextUp, (center - lower).nextUp) + Rounding.underflow
    }
    return (center, radius)
  }
}

/// What rounding to nearest in double precision may do.
enum Rounding {
  /// The largest relative error of one operation.
  static let unit = 0x1p-53
  /// More than what underflow may take from one operation, also where it goes to zero at once; so much more that radii
  /// times weights stay normal numbers, with which processors are a hundred times faster.
  static let underflow = 0x1p-900
  /// A factor that makes up for the rounding of a few dozen operations on numbers that are not negative.
  static let outward = 1 + 0x1p-47

  /// gamma_n = n u / (1 - n u), or a little more: the largest relative error of a sum of n products, by their magnitudes, in
  /// whatever order they are added.
  ///
  /// Higham, "Accuracy and stability of numerical algorithms", 2002, section 3.1.
  static func gamma(_ count: Int) -> Double { Double(count + 1) * 0x1.01p-53 }

  /// A factor that makes up for the rounding of a sum of n products that are not negative.
  static func outward(_ count: Int) -> Double { 1 + 4 * Double(count + 8) * unit }

  /// A radius that also holds what rounding did to a center; NaN if the center is not finite.
  @inline(__always)
  static func radius(_ radius: Double, center: Double, magnitude: Double) -> Double {
    (radius + magnitude * 0x1p-52) * outward + underflow + (center - center)
  }
}
