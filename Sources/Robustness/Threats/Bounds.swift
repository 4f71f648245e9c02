public import Tensors

/// The least and the largest value that each coordinate of an input may take.
public struct Bounds: Sendable, Hashable {
  private let lower: Tensor<Float>
  private let upper: Tensor<Float>

  /// The interval 0...1 for every coordinate.
  public static let unit = Bounds(checked: Tensor(0), Tensor(1))

  /// No bounds but those of finite numbers.
  public static let none = Bounds(
    checked: Tensor(-Float.greatestFiniteMagnitude), Tensor(Float.greatestFiniteMagnitude))

  /// Creates one interval for every coordinate.
  ///
  /// - Throws: `ThreatError.bounds` unless both ends are finite.
  public init(_ range: ClosedRange<Float>) throws(ThreatError) {
    try self.init(lower: Tensor(range.lowerBound), upper: Tensor(range.upperBound))
  }

  /// Creates one interval per coordinate.
  ///
  /// - Parameters:
  ///   - lower: The least values; of rank 0 for one that holds everywhere.
  ///   - upper: The largest values, of the same shape.
  /// - Throws: `ThreatError.bounds` unless all ends are finite and ordered.
  public init(lower: Tensor<Float>, upper: Tensor<Float>) throws(ThreatError) {
    precondition(lower.shape == upper.shape, "shapes differ: \(lower.shape) and \(upper.shape)")
    for index in 0..<lower.count {
      guard lower[index].isFinite, upper[index].isFinite, lower[index] <= upper[index] else {
        throw .bounds(coordinate: index, lower: lower[index], upper: upper[index])
      }
    }
    self.init(checked: lower, upper)
  }

  private init(checked lower: Tensor<Float>, _ upper: Tensor<Float>) {
    self.lower = lower
    self.upper = upper
  }

  /// The shape of the bounds; rank 0 fits every input.
  public var shape: Shape { lower.shape }

  /// The least value of a coordinate.
  public func lower(at coordinate: Int) -> Float { lower[lower.count == 1 ? 0 : coordinate] }

  /// The largest value of a coordinate.
  public func upper(at coordinate: Int) -> Float { upper[upper.count == 1 ? 0 : coordinate] }
}
