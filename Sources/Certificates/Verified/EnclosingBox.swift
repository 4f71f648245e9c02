public import Tensors

/// A box that surely holds all inputs near an example, or all outputs of such: two ends for each value.
public struct EnclosingBox: Hashable, Sendable {
  /// The lower ends, row-major.
  public let lower: [Double]
  /// The upper ends, row-major.
  public let upper: [Double]

  /// Creates the box between two ends; where they have no number between them nothing is verified.
  ///
  /// - Precondition: Both have as many values.
  public init(lower: [Double], upper: [Double]) {
    precondition(lower.count == upper.count, "a box has as many lower as upper ends")
    self.lower = lower
    self.upper = upper
  }

  /// Creates the box of all points within a radius of an example, as far as they are inside a range, rounded outward.
  ///
  /// - Parameters:
  ///   - example: One example.
  ///   - radius: The radius, taken as the exact number that it is: `0.3` is a little less than three tenths.
  ///   - range: What each value is limited to; `nil` for no limit.
  public init(
    around example: Tensor<Float>, radius: Double, within range: ClosedRange<Double>? = nil
  ) {
    let least = range?.lowerBound ?? -.infinity
    let most = range?.upperBound ?? .infinity
    self.init(
      lower: example.scalars.map { max((Double($0) - radius).nextDown, least) },
      upper: example.scalars.map { min((Double($0) + radius).nextUp, most) })
  }
}
