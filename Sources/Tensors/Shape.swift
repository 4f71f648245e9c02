/// The extents of a tensor, outermost first; the scalar shape is empty.
public struct Shape: Hashable, Sendable, ExpressibleByArrayLiteral {
  /// Extent of each axis, all at least zero.
  public let extents: [Int]

  /// Creates a shape of the given extents.
  public init(_ extents: [Int]) {
    precondition(extents.allSatisfy { $0 >= 0 }, "negative extent in \(extents)")
    self.extents = extents
  }

  /// Creates a shape from a literal such as `[1, 28, 28]`.
  public init(arrayLiteral extents: Int...) { self.init(extents) }

  /// Number of axes.
  @inlinable
  public var rank: Int { extents.count }

  /// Number of scalars; 1 for the scalar shape.
  @inlinable
  public var count: Int {
    var count = 1
    for extent in extents { count *= extent }
    return count
  }

  /// Number of pixels: the places of C x H x W, whatever the channel; the scalars of other shapes.
  public var pixelCount: Int { rank == 3 ? extents[1] * extents[2] : count }

  /// Extent of one axis.
  @inlinable
  public subscript(axis: Int) -> Int { extents[axis] }

  /// Distance in scalars between neighbours along each axis, for contiguous row-major storage.
  public var strides: [Int] {
    var strides = [Int](repeating: 1, count: rank)
    for axis in stride(from: rank - 2, through: 0, by: -1) {
      strides[axis] = strides[axis + 1] * extents[axis + 1]
    }
    return strides
  }

  /// The same shape with one extent replaced.
  public func replacing(axis: Int, with extent: Int) -> Shape {
    var copy = extents
    copy[axis] = extent
    return Shape(copy)
  }

  /// The same shape with a new outermost axis.
  public func prepending(_ extent: Int) -> Shape { Shape([extent] + extents) }

  /// The same shape without its outermost axis.
  public var droppingFirst: Shape { Shape(Array(extents.dropFirst())) }
}

extension Shape: CustomStringConvertible {
  /// The extents joined by a cross, such as `1x28x28`.
  public var description: String {
    extents.isEmpty ? "scalar" : extents.map(String.init).joined(separator: "x")
  }
}
