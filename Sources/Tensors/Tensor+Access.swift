// Access to the storage for the loops that must run at the speed of memory.

extension Tensor {
  /// Creates a tensor whose values `fill` writes in place, every one of them.
  @inlinable
  public init(shape: Shape, fill: (UnsafeMutableBufferPointer<Scalar>) -> Void) {
    let size = shape.count
    let scalars = unsafe [Scalar](unsafeUninitializedCapacity: size) { buffer, count in
      unsafe fill(UnsafeMutableBufferPointer(rebasing: buffer[0..<size]))
      count = size
    }
    self.init(scalars, shape: shape)
  }

  /// Gives read access to the values as one contiguous buffer.
  @inlinable
  public func withUnsafeScalars<Result>(
    _ body: (UnsafeBufferPointer<Scalar>) throws -> Result
  ) rethrows -> Result {
    try unsafe scalars.withUnsafeBufferPointer { try unsafe body($0) }
  }
}
