public import Tensors

/// A threat whose inputs are rounded to levels, such as those of an 8-bit image, after the change.
///
/// The gradient passes the rounding straight through. For balls see `LeveledBall`, which stays inside the radius.
public struct Leveled: ThreatModel {
  /// The threat.
  public let base: any ThreatModel
  /// The values that coordinates may take.
  public let levels: Levels

  /// The threat of the same kind with inputs on levels.
  public static func threat(_ base: any ThreatModel, levels: Levels) -> any ThreatModel {
    if base.alternatives.count > 1 {
      return Either(base.alternatives.map { threat($0, levels: levels) })
    }
    if let ball = base as? Ball { return LeveledBall(ball, levels: levels) }
    return Leveled(base: base, levels: levels)
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
    for index in 0..<x.count where !levels.contains(x[index]) {
      throw ThreatError.level(coordinate: index, value: x[index])
    }
  }

  /// The threat without its limit, rounded too.
  public var unlimited: (any ThreatModel)? {
    base.unlimited.map { Leveled(base: $0, levels: levels) }
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
