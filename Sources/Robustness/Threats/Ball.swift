import Files
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
  public let bounds: InputBounds

  /// Which coordinates may change (shape of an example); `nil` if all may.
  public let mask: [Bool]?

  /// Creates a ball.
  ///
  /// - Throws: `ThreatError.radius` if the radius is negative or not finite.
  public init(
    _ norm: Norm, radius: Double, bounds: InputBounds = .unit, mask: [Bool]? = nil
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
    try check(x)
    return region(around: x, within: limits(around: x))
  }

  /// The points of the ball around an example that lie in a box.
  func region(around x: Tensor<Float>, within box: Box) -> any FeasibleSet {
    switch norm {
    case .infinity: BoxRegion(center: x, radius: radius, hull: box)
    case .two: BallRegion(center: x, radius: radius, hull: box)
    case .one: CrossPolytopeRegion(center: x, radius: radius, hull: box)
    case .zero: SparseRegion(center: x, radius: radius, hull: box)
    }
  }

  /// The ball of all sizes: whatever the bounds and the mask allow.
  public var withoutLimit: (any ThreatModel)? { Ball(self, radius: .infinity) }

  /// The ball of changes, added to whatever input comes.
  public var afterAnotherChange: any ThreatModel { BallChange(self) }

  /// The ball with another radius.
  public func scaled(by factor: Double) -> (any ThreatModel)? {
    precondition(factor.isFinite && factor >= 0, "a factor of \(factor)")
    return Ball(self, radius: factor * radius)
  }

  private init(_ ball: Ball, radius: Double) {
    norm = ball.norm
    self.radius = min(radius, Double(Float.greatestFiniteMagnitude))
    bounds = ball.bounds
    mask = ball.mask
  }

  /// The text form that `ThreatReference` reads, such as `linf:0.3`.
  public var description: String { "\(norm.rawValue):\(radius.plain)" }

  /// Makes sure that the example has the right shape and lies within the bounds.
  ///
  /// - Throws: `ThreatError`, naming the coordinate and its value.
  public func check(_ x: Tensor<Float>) throws {
    if let mask, mask.count != x.count {
      throw ThreatError.shape(given: [mask.count], expected: x.shape)
    }
    try bounds.check(x)
  }

  /// The box of the bounds, the mask and the distance `radius` along each axis.
  private func limits(around x: Tensor<Float>) -> Box {
    // A pixel that counts may change as far as it goes.
    let radius = norm != .zero ? self.radius : self.radius >= 1 ? Double.infinity : 0
    let box = radius.isFinite ? bounds.box(around: x, within: radius) : bounds.box(of: x.shape)
    guard let mask else { return box }
    var (lower, upper) = (box.lower, box.upper)
    for index in 0..<x.count where !mask[index] {
      (lower[index], upper[index]) = (x[index], x[index])
    }
    return Box(lower: lower, upper: upper)
  }
}

extension ThreatModel where Self == Ball {
  /// The norm of the distance, as threats in general have it.
  public var norm: Norm? {
    let norm: Norm = self.norm
    return norm
  }
}

/// A ball of changes, added to whatever input comes: z is the change, and the result is the nearest point of the
/// ball around that input, cut by the bounds.
struct BallChange: ThreatModel, Hashable {
  let ball: Ball

  init(_ ball: Ball) { self.ball = ball }

  /// The changes, around zero; the bounds cut what they are added to.
  func region(around x: Tensor<Float>) throws -> any FeasibleSet {
    try ball.check(x)
    return try Ball(ball.norm, radius: ball.radius, bounds: .none, mask: ball.mask)
      .region(around: .zeros(x.shape))
  }

  func check(_ x: Tensor<Float>) throws { try ball.check(x) }

  var description: String { "\(ball)" }

  func apply(_ z: Tensor<Float>, to x: Tensor<Float>) -> Tensor<Float> {
    checked { try ball.region(around: ball.bounds.clamp(x)).projection(of: x + z) }
  }

  /// The gradient, but where the sum is beyond a bound: there only what leads back inside.
  ///
  /// Within the bounds that is the derivative; beyond them the derivative is zero, and a search would never come back.
  func pullback(
    _ gradient: Tensor<Float>, at z: Tensor<Float>, of x: Tensor<Float>
  ) -> Tensor<Float> {
    var slopes = gradient
    for index in 0..<x.count {
      let sum = x[index] + z[index]
      let isMasked = !(ball.mask?[index] ?? true)
      if isMasked || sum > ball.bounds.upper(at: index) && gradient[index] > 0
        || sum < ball.bounds.lower(at: index) && gradient[index] < 0
      {
        slopes[index] = 0
      }
    }
    return slopes
  }

  func inputPullback(
    _ gradient: Tensor<Float>, at z: Tensor<Float>, of x: Tensor<Float>
  ) -> Tensor<Float> {
    var slopes = gradient
    for index in 0..<x.count {
      let sum = x[index] + z[index]
      if sum > ball.bounds.upper(at: index) || sum < ball.bounds.lower(at: index) {
        slopes[index] = 0
      }
    }
    return slopes
  }
}
