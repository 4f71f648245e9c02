public import Graphs

/// All numbers between two ends, element by element, both of which are values of a graph of equal extents.
public struct Interval: Hashable, Sendable {
  /// The lower end.
  public let lower: Value
  /// The upper end.
  public let upper: Value

  /// Creates the interval between two ends.
  public init(lower: Value, upper: Value) {
    self.lower = lower
    self.upper = upper
  }
}

/// All numbers within a radius of a center, element by element; both are values of a graph of equal extents.
public struct CenteredInterval: Hashable, Sendable {
  /// The center.
  public let center: Value
  /// The radius, nowhere negative.
  public let radius: Value

  /// Creates an interval around a center.
  public init(center: Value, radius: Value) {
    self.center = center
    self.radius = radius
  }
}

extension GraphBuilder {
  /// The box of examples within a radius of some, as far as they are inside a range.
  ///
  /// - Parameters:
  ///   - x: The examples, N x ....
  ///   - radius: Radii, in the units of x: of the extents of x, a vector of N with one for each example, or a scalar.
  ///   - range: What each value is limited to; `nil` for no limit.
  /// - Returns: The box's ends.
  /// - Throws: `GraphError.operands` if the radii do not fit.
  public mutating func box(
    around x: Value, radius: Value, within range: ClosedRange<Float>? = nil
  ) throws(GraphError) -> Interval {
    let extents = extents(of: x)
    var radius = radius
    if self.extents(of: radius) != extents {
      let rank = self.extents(of: radius).rank
      radius = try apply(Broadcast(to: extents, axes: Array(rank..<extents.rank)), radius)
    }
    var (lower, upper) = (try subtract(x, radius), try add(x, radius))
    if let range {
      let clip = Elementwise(.clip(lower: range.lowerBound, upper: range.upperBound))
      (lower, upper) = (try apply(clip, lower), try apply(clip, upper))
    }
    return Interval(lower: lower, upper: upper)
  }
}
