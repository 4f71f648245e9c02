// Access to the storage for the loops that must run at the speed of memory.

extension Tensor {
  /// Creates a tensor whose values `fill` writes in place, every one of them.
  @inlinable @inline(__always)
  public init(shape: Shape, fill: (UnsafeMutableBufferPointer<Scalar>) -> Void) {
    let size = shape.count
    let scalars = unsafe [Scalar](unsafeUninitializedCapacity: size) { buffer, count in
      unsafe fill(UnsafeMutableBufferPointer(rebasing: buffer[0..<size]))
      count = size
    }
    self.init(scalars, shape: shape)
  }

  /// Gives read access to the values as one contiguous buffer.
  @inlinable @inline(__always)
  public func withUnsafeScalars<Result>(
    _ body: (UnsafeBufferPointer<Scalar>) throws -> Result
  ) rethrows -> Result {
    try unsafe storage.withUnsafeBufferPointer { try unsafe body($0) }
  }

  /// Gives read access to the values of several tensors at once, for calls of C; it costs two small arrays.
  public static func withUnsafeScalars<Result>(
    _ tensors: [Tensor], _ body: ([UnsafeBufferPointer<Scalar>]) -> Result
  ) -> Result {
    func open(_ buffers: [UnsafeBufferPointer<Scalar>]) -> Result {
      guard unsafe buffers.count < tensors.count else { return unsafe body(buffers) }
      return unsafe tensors[buffers.count].withUnsafeScalars { unsafe open(buffers + [$0]) }
    }
    return unsafe open([])
  }
}
