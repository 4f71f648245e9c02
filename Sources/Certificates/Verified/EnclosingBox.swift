public import Tensors

/// A box that surely holds all inputs near an example, or all outputs of such: two ends for each value.
public struct EnclosingBox: Hashable, Sendable {
  /// The lower ends, row-major.
  public let lower: [Double]
  /// The upper ends, row-major.
  public let upper: [Double]
  /// A ball that holds all of them as well; `nil` if only the box does.
  public let ball: Ball?

  /// A ball of L2 or L1.
  public struct Ball: Hashable, Sendable {
    /// The norm of the distance.
    public enum Norm: Hashable, Sendable {
      /// The root of the summed squares.
      case two
      /// The sum of the magnitudes.
      case one
    }

    /// The center, row-major.
    public let center: [Double]
    /// The radius.
    public let radius: Double
    /// The norm.
    public let norm: Norm

    /// Creates a ball.
    public init(center: [Double], radius: Double, norm: Norm) {
      self.center = center
      self.radius = radius
      self.norm = norm
    }

    /// More than the size of a linear function with these magnitudes of coefficients on the ball of radius 1: the
    /// dual norm.
    func size(of magnitudes: some Sequence<Double>, count: Int) -> Double {
      switch norm {
      case .two:
        // Scaled, lest squares underflow.
        let largest = magnitudes.reduce(0) { $0 >= $1 ? $0 : $1 }
        guard largest > 0, largest.isFinite else { return largest }
        let sum = magnitudes.reduce(0) { $0 + ($1 / largest) * ($1 / largest) }
        return largest * sum.squareRoot() * Rounding.outward(count + 8) + Rounding.underflow
      case .one: return magnitudes.reduce(0) { $0 >= $1 ? $0 : $1 }
      }
    }
  }

  /// Creates the box between two ends; where they have no number between them nothing is verified.
  ///
  /// - Precondition: Both have as many values, and the ball as well.
  public init(lower: [Double], upper: [Double], ball: Ball? = nil) {
    precondition(
      lower.count == upper.count && ball.map { $0.center.count == lower.count } ?? true,
      "a box has as many lower as upper ends, and its ball as many coordinates")
    self.lower = lower
    self.upper = upper
    self.ball = ball
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
