public import Tensors

/// The extents of a value in a graph, in which the outermost may be the batch, known only when compiling.
public struct Extents: Hashable, Sendable, ExpressibleByArrayLiteral {
  /// Stands for the number of examples; allowed only as the outermost extent.
  public static let batch = -1

  /// Extent of each axis, outermost first.
  public let values: [Int]

  /// Creates extents, of which the first may be `Extents.batch`.
  public init(_ values: [Int]) {
    precondition(
      values.enumerated().allSatisfy { $1 >= 0 || ($0 == 0 && $1 == Extents.batch) },
      "invalid extents \(values)")
    self.values = values
  }

  /// Creates extents from a literal such as `[Extents.batch, 10]`.
  public init(arrayLiteral values: Int...) { self.init(values) }

  /// Creates the extents of a batch of examples of one shape.
  public init(batchOf example: Shape) { self.init([Extents.batch] + example.extents) }

  /// Creates the extents of a value that does not depend on the batch.
  public init(_ shape: Shape) { self.init(shape.extents) }

  /// Number of axes, the batch included.
  public var rank: Int { values.count }

  /// Whether the outermost extent is the batch.
  public var isBatched: Bool { values.first == Extents.batch }

  /// Extent of one axis, `Extents.batch` for the batch.
  public subscript(axis: Int) -> Int { values[axis] }

  /// Number of scalars of one example, or of the whole value if it is not batched.
  public var countPerExample: Int { values.reduce(1) { $0 * ($1 == Extents.batch ? 1 : $1) } }

  /// The shape for a given number of examples.
  public func shape(batch: Int) -> Shape {
    Shape(values.map { $0 == Extents.batch ? batch : $0 })
  }

  /// The same extents with one replaced.
  public func replacing(axis: Int, with extent: Int) -> Extents {
    var copy = values
    copy[axis] = extent
    return Extents(copy)
  }
}

extension Extents: CustomStringConvertible {
  /// The extents joined by a cross, the batch as N, such as `Nx1x28x28`.
  public var description: String {
    values.isEmpty
      ? "scalar" : values.map { $0 == Extents.batch ? "N" : String($0) }.joined(separator: "x")
  }
}
