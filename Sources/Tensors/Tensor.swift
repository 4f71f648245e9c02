/// A dense array of floating-point numbers with a shape: contiguous, row-major, copied on write.
public struct Tensor<Scalar: TensorScalar>: Sendable, Hashable {
  /// The extents; their product is `scalars.count`.
  public let shape: Shape

  @usableFromInline
  var storage: [Scalar]

  /// The values in row-major order; their number is fixed by the shape.
  @inlinable
  public var scalars: [Scalar] { storage }

  /// Creates a tensor from its values in row-major order.
  ///
  /// - Precondition: `scalars.count == shape.count`.
  public init(_ scalars: [Scalar], shape: Shape) {
    precondition(
      scalars.count == shape.count, "\(scalars.count) scalars do not fill the shape \(shape)")
    self.shape = shape
    storage = scalars
  }

  /// Creates a tensor that holds one value everywhere.
  public init(repeating value: Scalar, shape: Shape) {
    self.init([Scalar](repeating: value, count: shape.count), shape: shape)
  }

  /// Creates a tensor of rank 0.
  public init(_ value: Scalar) { self.init([value], shape: []) }

  /// Creates a tensor of zeros.
  public static func zeros(_ shape: Shape) -> Tensor { Tensor(repeating: 0, shape: shape) }

  /// Number of scalars.
  @inlinable
  public var count: Int { storage.count }

  /// One value, by its position in row-major order.
  @inlinable
  public subscript(index: Int) -> Scalar {
    get { storage[index] }
    _modify { yield &storage[index] }
  }

  /// Gives in-place access to the values.
  @inlinable @inline(__always)
  public mutating func withUnsafeMutableScalars<Result>(
    _ body: (UnsafeMutableBufferPointer<Scalar>) throws -> Result
  ) rethrows -> Result {
    try unsafe storage.withUnsafeMutableBufferPointer { try unsafe body($0) }
  }

  /// The same values in another shape of equal count.
  public func reshaped(to shape: Shape) -> Tensor { Tensor(scalars, shape: shape) }

  /// The values in another precision.
  ///
  /// Inlinable: where the types are not known, a conversion takes a hundred times as long.
  @inlinable
  public func converted<Other: TensorScalar>(to type: Other.Type = Other.self) -> Tensor<Other> {
    unsafe withUnsafeScalars { source in
      unsafe Tensor<Other>(shape: shape) { target in
        for index in 0..<target.count { unsafe target[index] = Other(source[index]) }
      }
    }
  }

  /// The `index`-th slice along the outermost axis.
  @inlinable
  public func row(_ index: Int) -> Tensor {
    let shape = shape.droppingFirst
    let size = shape.count
    return Tensor(Array(storage[index * size..<(index + 1) * size]), shape: shape)
  }

  /// Some slices along the outermost axis, one after the other.
  public func rows(_ range: Range<Int>) -> Tensor {
    if range == 0..<shape[0] { return self }
    let size = shape.droppingFirst.count
    return Tensor(
      Array(scalars[range.lowerBound * size..<range.upperBound * size]),
      shape: shape.droppingFirst.prepending(range.count))
  }

  /// Stacks tensors of one shape along a new outermost axis.
  ///
  /// - Precondition: `rows` is not empty and its shapes are equal.
  public static func stacking(_ rows: [Tensor]) -> Tensor {
    let shape = rows[0].shape
    var scalars: [Scalar] = []
    scalars.reserveCapacity(rows.count * shape.count)
    for row in rows {
      precondition(row.shape == shape, "cannot stack \(row.shape) on \(shape)")
      scalars += row.scalars
    }
    return Tensor(scalars, shape: shape.prepending(rows.count))
  }
}
