public import Tensors

/// The inputs of a ball that can be saved: each coordinate is one of some levels, such as an 8-bit image's.
///
/// z is a point of the ball, and the input that the model sees is z rounded to the nearest levels that are still
/// within the radius and the bounds. So every attack searches as in the ball itself, sees what the rounded input
/// does, and takes the gradient there for that at z (straight through the rounding; Bengio, Léonard and Courville
/// 2013, https://arxiv.org/abs/1308.3432). Distances and membership are those of the rounded input.
public struct LeveledBall: ThreatModel, Hashable {
  /// The ball.
  public let ball: Ball
  /// The values that coordinates may take.
  public let levels: Levels

  /// Creates the threat.
  public init(_ ball: Ball, levels: Levels) {
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
  public var unlimited: (any ThreatModel)? {
    (ball.unlimited as? Ball).map { LeveledBall($0, levels: levels) }
  }

  /// The ball with another radius, on the same levels.
  public func scaled(by factor: Double) -> (any ThreatModel)? {
    (ball.scaled(by: factor) as? Ball).map { LeveledBall($0, levels: levels) }
  }

  /// The point rounded to levels within the ball.
  public func apply(_ z: Tensor<Float>, to x: Tensor<Float>) -> Tensor<Float> {
    do {
      return try leveledRegion(around: x).settled(z)
    } catch {
      preconditionFailure("the example was checked when its problem was made: \(error)")
    }
  }

  /// The text form of the ball and the number of levels.
  public var description: String { "\(ball), rounded to \(levels.values.count) levels" }

  /// Makes sure that the example has the right shape, lies within the bounds and on levels.
  ///
  /// - Throws: `ThreatError`, naming the coordinate and its value.
  public func check(_ x: Tensor<Float>) throws {
    try ball.check(x)
    for index in 0..<x.count where !levels.contains(x[index]) {
      throw ThreatError.level(coordinate: index, value: x[index])
    }
  }
}
