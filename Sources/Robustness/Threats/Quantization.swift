public import Tensors

/// The values that a coordinate may take once an input is saved, such as the 256 of an 8-bit image.
public struct QuantizationLevels: Sendable, Hashable {
  /// The values, strictly ascending.
  public let values: [Float]

  /// Takes values in ascending order, two at least.
  ///
  /// - Precondition: They ascend strictly and are finite.
  public init(_ values: [Float]) {
    precondition(
      values.count > 1 && zip(values, values.dropFirst()).allSatisfy { $0 < $1 }
        && values.allSatisfy(\.isFinite), "levels must ascend")
    self.values = values
  }

  /// The levels byte / 255.
  public static let unit = QuantizationLevels((0...255).map { Float($0) / 255 })

  /// The position of the level nearest to a value, of two the lower; 0 for NaN.
  func nearest(to value: Float) -> Int {
    let next = first(atLeast: value)
    guard next < values.count else { return values.count - 1 }
    guard next > 0 else { return 0 }
    let below = Double(value) - Double(values[next - 1])
    return below <= Double(values[next]) - Double(value) ? next - 1 : next
  }

  /// The position of the first level that is not below a value; the number of levels if there is none.
  func first(atLeast value: Float) -> Int {
    guard value > values[0] else { return 0 }
    guard value <= values[values.count - 1] else { return values.count }
    // Levels are evenly spread as a rule, so that the guess is off by one at most.
    let share = (value - values[0]) / (values[values.count - 1] - values[0])
    var place = min(max(Int(share * Float(values.count - 1)), 0), values.count - 1)
    while place > 0, values[place - 1] >= value { place -= 1 }
    while values[place] < value { place += 1 }
    return place
  }

  /// Makes sure that an example lies on levels.
  ///
  /// - Throws: `ThreatError.level`, naming the coordinate and its value.
  func check(_ x: Tensor<Float>) throws(ThreatError) {
    for index in 0..<x.count where !contains(x[index]) {
      throw .level(coordinate: index, value: x[index])
    }
  }

  /// Whether a value is a level.
  func contains(_ value: Float) -> Bool {
    let place = first(atLeast: value)
    return place < values.count && values[place] == value
  }
}

/// A threat whose inputs are rounded to levels, such as those of an 8-bit image, after the change.
///
/// The gradient passes the rounding straight through. For balls see `QuantizedBall`, which stays inside the radius.
public struct Quantized: ThreatModel {
  /// The threat.
  public let base: any ThreatModel
  /// The values that coordinates may take.
  public let levels: QuantizationLevels

  /// The threat of the same kind with inputs on levels.
  public static func threat(_ base: any ThreatModel, levels: QuantizationLevels) -> any ThreatModel
  {
    if base.alternatives.count > 1 {
      return Either(base.alternatives.map { threat($0, levels: levels) })
    }
    if let ball = base as? Ball { return QuantizedBall(ball, levels: levels) }
    return Quantized(base: base, levels: levels)
  }

  /// The region of the threat.
  public func region(around x: Tensor<Float>) throws -> any FeasibleSet {
    try check(x)
    return try base.region(around: x)
  }

  /// Makes sure that the example fits the threat and lies on levels.
  ///
  /// - Throws: `ThreatError`, naming the coordinate and its value.
  public func check(_ x: Tensor<Float>) throws {
    try base.check(x)
    try levels.check(x)
  }

  /// The threat without its limit, rounded too.
  public var withoutLimit: (any ThreatModel)? {
    base.withoutLimit.map { Quantized(base: $0, levels: levels) }
  }

  /// The changed input, rounded to the nearest levels.
  public func apply(_ z: Tensor<Float>, to x: Tensor<Float>) -> Tensor<Float> {
    base.apply(z, to: x).map { levels.values[levels.nearest(to: $0)] }
  }

  /// The gradient of the threat.
  public func pullback(
    _ gradient: Tensor<Float>, at z: Tensor<Float>, of x: Tensor<Float>
  ) -> Tensor<Float> { base.pullback(gradient, at: z, of: x) }

  /// The text form of the threat and the number of levels.
  public var description: String { "\(base), rounded to \(levels.values.count) levels" }
}

/// The inputs of a ball that can be saved: each coordinate is one of some levels, such as an 8-bit image's.
///
/// z is a point of the ball, and the input that the model sees is z rounded to the nearest levels that are still
/// within the radius and the bounds. So every attack searches as in the ball itself, sees what the rounded input
/// does, and takes the gradient there for that at z (straight through the rounding; Bengio, Léonard and Courville
/// 2013, https://arxiv.org/abs/1308.3432). Distances and membership are those of the rounded input.
public struct QuantizedBall: ThreatModel, Hashable {
  /// The ball.
  public let ball: Ball
  /// The values that coordinates may take.
  public let levels: QuantizationLevels

  /// Creates the threat.
  public init(_ ball: Ball, levels: QuantizationLevels) {
    self.ball = ball
    self.levels = levels
  }

  /// The ball around an example, whose box ends at levels.
  ///
  /// - Throws: As the ball; `ThreatError.level` if a coordinate of the example is no level.
  public func region(around x: Tensor<Float>) throws -> any FeasibleSet {
    try check(x)
    return try leveledRegion(around: x)
  }

  private func leveledRegion(around x: Tensor<Float>) throws -> LeveledRegion {
    let hull = try ball.region(around: x).hull
    let lower = hull.lower.map { levels.values[levels.first(atLeast: $0)] }
    let upper = hull.upper.map { value in
      let place = levels.first(atLeast: value)
      let isLevel = place < levels.values.count && levels.values[place] == value
      return levels.values[isLevel ? place : place - 1]
    }
    let base = ball.region(around: x, within: Box(lower: lower, upper: upper))
    return LeveledRegion(base: base, levels: levels)
  }

  /// The norm of the ball.
  public var norm: Norm? { ball.norm }

  /// The inputs on levels, however far.
  public var withoutLimit: (any ThreatModel)? {
    (ball.withoutLimit as? Ball).map { QuantizedBall($0, levels: levels) }
  }

  /// The ball with another radius, on the same levels.
  public func scaled(by factor: Double) -> (any ThreatModel)? {
    (ball.scaled(by: factor) as? Ball).map { QuantizedBall($0, levels: levels) }
  }

  /// The point rounded to levels within the ball.
  public func apply(_ z: Tensor<Float>, to x: Tensor<Float>) -> Tensor<Float> {
    checked { try leveledRegion(around: x).settled(z) }
  }

  /// The text form of the ball and the number of levels.
  public var description: String { "\(ball), rounded to \(levels.values.count) levels" }

  /// Makes sure that the example has the right shape, lies within the bounds and on levels.
  ///
  /// - Throws: `ThreatError`, naming the coordinate and its value.
  public func check(_ x: Tensor<Float>) throws {
    try ball.check(x)
    try levels.check(x)
  }
}

/// A region whose points stand for the inputs next to them on levels.
///
/// Steps and projections are those of the region; `contains` and `distance` speak of the rounded point.
struct LeveledRegion: RegionWrapper {
  let base: any FeasibleSet
  let levels: QuantizationLevels

  func contains(_ point: Tensor<Float>) -> Bool {
    guard base.contains(point) else { return false }
    return base.contains(settled(point))
  }

  func distance(of point: Tensor<Float>) -> Double { base.distance(of: settled(point)) }

  /// The point on the nearest levels; where these are outside the region, those that were rounded away from the
  /// center are rounded towards it instead, the least certain ones first, until the point is inside.
  ///
  /// A point of the region so never leaves it: were all rounded towards the center, none would be farther from it
  /// than in the point.
  func settled(_ point: Tensor<Float>) -> Tensor<Float> {
    var rounded = hull.projection(of: point).map { levels.values[levels.nearest(to: $0)] }
    if base.contains(rounded) { return rounded }
    var outward: [(index: Int, doubt: Float, inner: Float)] = []
    for index in 0..<rounded.count {
      let (z, x, level) = (point[index], center[index], rounded[index])
      guard (level > z && z >= x) || (level < z && z <= x) else { continue }
      let place = levels.nearest(to: level) + (level > z ? -1 : 1)
      outward.append((index, (level - z).magnitude, levels.values[place]))
    }
    outward.sort { ($0.doubt, $1.index) > ($1.doubt, $0.index) }
    // Halving finds how many it takes in few looks at all coordinates.
    let nearest = rounded
    var (few, many) = (0, outward.count)
    while few < many {
      let middle = (few + many) / 2
      rounded = nearest
      for change in outward[..<middle] { rounded[change.index] = change.inner }
      if base.contains(rounded) { many = middle } else { few = middle + 1 }
    }
    rounded = nearest
    for change in outward[..<many] { rounded[change.index] = change.inner }
    return rounded
  }
}
