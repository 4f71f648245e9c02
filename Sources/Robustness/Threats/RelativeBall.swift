public import Tensors

/// All inputs within a distance of the example that counts each coordinate in units of its own range, such as a column
/// of a table, and within those ranges.
///
/// z is the change in these units, and x' = x + w z with the ranges w = upper - lower of the bounds. So searches see
/// every coordinate alike, whatever its unit, and the input that the model sees is in the data's units. It is rounded
/// toward x, so that its own distance, in double precision, is nowhere larger than that of z; a bound is reached
/// exactly. A coordinate whose range is a single value stays.
public struct RelativeBall: ThreatModel, Hashable {
  /// The norm, the bounds and the mask, and the radius as a share of each coordinate's range.
  public let ball: Ball

  /// Creates the threat.
  ///
  /// - Parameter ball: A ball whose bounds are those of each coordinate, and whose radius is relative to them.
  public init(_ ball: Ball) { self.ball = ball }

  /// The changes, in units of each coordinate's range.
  ///
  /// - Throws: As the ball.
  public func region(around x: Tensor<Float>) throws -> any FeasibleSet {
    try ball.check(x)
    return RelativeRegion(base: changes(of: x), scale: scale(of: x))
  }

  /// The norm of the ball.
  public var norm: Norm? { ball.norm }

  /// The inputs within the ranges, however far.
  public var withoutLimit: (any ThreatModel)? {
    (ball.withoutLimit as? Ball).map { RelativeBall($0) }
  }

  /// The ball with another radius.
  public func scaled(by factor: Double) -> (any ThreatModel)? {
    (ball.scaled(by: factor) as? Ball).map { RelativeBall($0) }
  }

  /// The ball of changes, added to whatever input comes.
  public var afterAnotherChange: any ThreatModel { RelativeChange(self) }

  /// The input that is changed by `z`, in the data's units.
  public func apply(_ z: Tensor<Float>, to x: Tensor<Float>) -> Tensor<Float> {
    scale(of: x).input(z)
  }

  /// The gradient in units of each coordinate's range.
  public func pullback(
    _ gradient: Tensor<Float>, at z: Tensor<Float>, of x: Tensor<Float>
  ) -> Tensor<Float> {
    let scale = scale(of: x)
    var slopes = gradient
    for index in 0..<slopes.count {
      let width = scale.width(at: index)
      // Not 0 times a slope, which may be infinite.
      slopes[index] = isFixed(index, width) ? 0 : Float(Double(gradient[index]) * width)
    }
    return slopes
  }

  /// The gradient itself: a change of the example is one of the input, up to the bounds.
  public func inputPullback(
    _ gradient: Tensor<Float>, at z: Tensor<Float>, of x: Tensor<Float>
  ) -> Tensor<Float> { gradient }

  /// The text form of the ball, and what its radius counts in.
  public var description: String {
    "\(ball) \(ball.norm == .zero ? "within" : "of") each column's range"
  }

  /// Makes sure that the example has the right shape and lies within the bounds.
  ///
  /// - Throws: `ThreatError`, naming the coordinate and its value.
  public func check(_ x: Tensor<Float>) throws { try ball.check(x) }

  /// How changes of an example count.
  func scale(of x: Tensor<Float>) -> RelativeScale { RelativeScale(center: x, bounds: ball.bounds) }

  /// Whether a coordinate stays.
  func isFixed(_ index: Int, _ width: Double) -> Bool {
    width == 0 || !(ball.mask?[index] ?? true)
  }

  /// The region of z around zero: the ball, and the box that leads to the bounds, rounded outward.
  private func changes(of x: Tensor<Float>) -> any FeasibleSet {
    let scale = scale(of: x)
    let most =
      ball.norm != .zero
      ? BoxRegion.inward(ball.radius)
      : ball.radius >= 1 ? Float.greatestFiniteMagnitude : 0
    var lower = Tensor<Float>.zeros(x.shape)
    var upper = lower
    for index in 0..<x.count {
      let width = scale.width(at: index)
      if isFixed(index, width) { continue }
      let start = Double(x[index])
      lower[index] = max(
        RelativeScale.outward((Double(ball.bounds.lower(at: index)) - start) / width), -most)
      upper[index] = min(
        RelativeScale.outward((Double(ball.bounds.upper(at: index)) - start) / width), most)
    }
    return ball.region(around: .zeros(x.shape), within: Box(lower: lower, upper: upper))
  }
}

/// A ball of changes in units of each coordinate's range, added to whatever input comes: z is the change, and the result
/// the nearest point of the relative ball around that input.
struct RelativeChange: ThreatModel, Hashable {
  let relative: RelativeBall

  init(_ relative: RelativeBall) { self.relative = relative }

  private var ball: Ball { relative.ball }

  /// The changes, around zero; the bounds cut what they are added to.
  func region(around x: Tensor<Float>) throws -> any FeasibleSet {
    try ball.check(x)
    let scale = relative.scale(of: x)
    let mask = (0..<x.count).map { !relative.isFixed($0, scale.width(at: $0)) }
    return try Ball(ball.norm, radius: ball.radius, bounds: .none, mask: mask)
      .region(around: .zeros(x.shape))
  }

  func check(_ x: Tensor<Float>) throws { try ball.check(x) }

  var description: String { "\(relative)" }

  func apply(_ z: Tensor<Float>, to x: Tensor<Float>) -> Tensor<Float> {
    let start = ball.bounds.clamp(x)
    let inside = checked { try relative.region(around: start).projection(of: z) }
    return relative.apply(inside, to: start)
  }

  /// The gradient, but where the sum is beyond a bound: there only what leads back inside, as for balls.
  func pullback(
    _ gradient: Tensor<Float>, at z: Tensor<Float>, of x: Tensor<Float>
  ) -> Tensor<Float> {
    let scale = relative.scale(of: x)
    var slopes = relative.pullback(gradient, at: z, of: x)
    for index in 0..<x.count {
      let sum = Double(x[index]) + Double(z[index]) * scale.width(at: index)
      if sum > Double(ball.bounds.upper(at: index)) && gradient[index] > 0
        || sum < Double(ball.bounds.lower(at: index)) && gradient[index] < 0
      {
        slopes[index] = 0
      }
    }
    return slopes
  }

  func inputPullback(
    _ gradient: Tensor<Float>, at z: Tensor<Float>, of x: Tensor<Float>
  ) -> Tensor<Float> {
    let scale = relative.scale(of: x)
    var slopes = gradient
    for index in 0..<x.count {
      let sum = Double(x[index]) + Double(z[index]) * scale.width(at: index)
      if sum > Double(ball.bounds.upper(at: index)) || sum < Double(ball.bounds.lower(at: index)) {
        slopes[index] = 0
      }
    }
    return slopes
  }
}

/// A ball of changes in units of each coordinate's range, where `contains` and `distance` speak of the input that the
/// model sees.
struct RelativeRegion: RegionWrapper {
  /// The same, of z alone.
  let base: any FeasibleSet
  let scale: RelativeScale

  func contains(_ point: Tensor<Float>) -> Bool {
    base.contains(point) && distance(of: point) <= radius
  }

  /// The distance of the input from the example, each coordinate by its range.
  func distance(of point: Tensor<Float>) -> Double {
    precondition(point.shape == center.shape, "a point of shape \(point.shape)")
    let input = scale.input(point)
    var sum = 0.0
    switch base {
    case is BoxRegion:
      for index in 0..<input.count {
        sum = max(sum, scale.change(to: input[index], at: index).magnitude)
      }
      return sum
    case is BallRegion:
      for index in 0..<input.count {
        let change = scale.change(to: input[index], at: index)
        sum += change * change
      }
      return sum.squareRoot()
    case is CrossPolytopeRegion:
      for index in 0..<input.count {
        sum += scale.change(to: input[index], at: index).magnitude
      }
      return sum
    default:
      return SparseRegion(center: scale.center, radius: radius, hull: hull).distance(of: input)
    }
  }
}

/// How changes that count in units of each coordinate's range become inputs.
struct RelativeScale: Sendable {
  /// The example.
  let center: Tensor<Float>
  /// The ranges.
  let bounds: InputBounds

  /// The range of a coordinate.
  func width(at index: Int) -> Double {
    Double(bounds.upper(at: index)) - Double(bounds.lower(at: index))
  }

  /// The size of the change of a coordinate to a value, in units of its range.
  func change(to value: Float, at index: Int) -> Double {
    // A division by a range of zero is never asked for: such coordinates stay.
    value == center[index]
      ? 0 : (Double(value) - Double(center[index])) / width(at: index)
  }

  /// The input x + w z, rounded toward x and cut by the bounds.
  ///
  /// A NaN leaves a coordinate where it is.
  func input(_ z: Tensor<Float>) -> Tensor<Float> {
    precondition(z.shape == center.shape, "changes of shape \(z.shape)")
    var result = center
    for index in 0..<z.count where z[index] != 0 && !z[index].isNaN {
      let width = width(at: index)
      if width == 0 { continue }
      let (least, most) = (bounds.lower(at: index), bounds.upper(at: index))
      let start = center[index]
      let aim = Double(start) + Double(z[index]) * width
      var value = Float(min(max(aim, Double(least)), Double(most)))
      value = min(max(value, least), most)
      let size = Double(z[index]).magnitude
      while value != start, change(to: value, at: index).magnitude > size {
        value = value > start ? value.nextDown : value.nextUp
      }
      // A rounding past the example on its other side is no change.
      result[index] = (value > start) == (z[index] > 0) ? value : start
    }
    return result
  }

  /// The next number in `Float` that is not smaller in magnitude.
  static func outward(_ value: Double) -> Float {
    let most = Double(Float.greatestFiniteMagnitude)
    let rounded = Float(min(max(value, -most), most))
    if Double(rounded).magnitude >= value.magnitude { return rounded }
    return value > 0 ? rounded.nextUp : rounded.nextDown
  }
}
