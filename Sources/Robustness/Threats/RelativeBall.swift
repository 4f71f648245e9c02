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
  public var unlimited: (any ThreatModel)? {
    (ball.unlimited as? Ball).map { RelativeBall($0) }
  }

  /// The ball with another radius.
  public func scaled(by factor: Double) -> (any ThreatModel)? {
    (ball.scaled(by: factor) as? Ball).map { RelativeBall($0) }
  }

  /// The ball of changes, added to whatever input comes.
  public var following: any ThreatModel { RelativeChange(self) }

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
