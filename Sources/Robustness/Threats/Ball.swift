public import Tensors

/// All inputs within a distance of the example and within the bounds of the data.
///
/// z is the input itself. The radius is a `Double` of this value alone, so every example may have
/// its own: give each problem its own ball.
public struct Ball: ThreatModel, Hashable {
  /// The norm of the distance.
  public let norm: Norm

  /// The largest distance allowed, in the units of the data; finite and not negative.
  public let radius: Double

  /// The values that each coordinate may take, whatever the radius.
  public let bounds: Bounds

  /// Which coordinates may change (shape of an example); `nil` if all may.
  public let mask: [Bool]?

  /// Creates a ball.
  ///
  /// - Throws: `ThreatError.radius` if the radius is negative or not finite.
  public init(
    _ norm: Norm, radius: Double, bounds: Bounds = .unit, mask: [Bool]? = nil
  ) throws(ThreatError) {
    guard radius.isFinite, radius >= 0 else { throw .radius(radius) }
    self.norm = norm
    self.radius = radius
    self.bounds = bounds
    self.mask = mask
  }

  /// The ball around an example, cut by the bounds and the mask.
  ///
  /// - Throws: `ThreatError.outside` if the example itself is out of bounds; `ThreatError.shape` if
  ///   bounds or mask were made for another shape.
  public func region(around x: Tensor<Float>) throws -> any FeasibleSet {
    let box = try limits(around: x)
    switch norm {
    case .infinity: return BoxRegion(center: x, radius: radius, hull: box)
    case .two: return BallRegion(center: x, radius: radius, hull: box)
    }
  }

  /// The text form that `ThreatReference` reads, such as `linf:0.3`.
  public var description: String { "\(norm.rawValue):\(radius)" }

  /// The box of the bounds, the mask and the distance `radius` along each axis.
  private func limits(around x: Tensor<Float>) throws(ThreatError) -> Box {
    guard bounds.shape.rank == 0 || bounds.shape == x.shape else {
      throw .shape(given: bounds.shape, expected: x.shape)
    }
    if let mask, mask.count != x.count {
      throw .shape(given: [mask.count], expected: x.shape)
    }
    var lower = x
    var upper = x
    for index in 0..<x.count {
      let value = x[index]
      let least = bounds.lower(at: index)
      let most = bounds.upper(at: index)
      guard value >= least, value <= most else {
        throw .outside(coordinate: index, value: value, lower: least, upper: most)
      }
      guard mask?[index] ?? true else { continue }
      lower[index] = max(least, -Ball.limit(above: -value, within: radius))
      upper[index] = min(most, Ball.limit(above: value, within: radius))
    }
    return Box(lower: lower, upper: upper)
  }

  /// A largest `Float` whose distance from `value` is at most `radius`, as real numbers: rounded
  /// inward.
  private static func limit(above value: Float, within radius: Double) -> Float {
    let start = Double(value)
    var limit = Float(min(start + radius, Double(Float.greatestFiniteMagnitude)))
    while limit > value {
      // The rounded difference decides unless it equals the radius; then its rounding error does.
      let difference = Double(limit) - start
      let recovered = difference + start
      let error = (Double(limit) - recovered) - (start - (recovered - difference))
      if difference < radius || (difference == radius && error <= 0) { break }
      limit = limit.nextDown
    }
    return max(limit, value)
  }
}
