public import Tensors

extension Dataset {
  /// Copies the inputs at the given positions, in their order, into a contiguous buffer.
  ///
  /// The values are those of `image(at:)`; the buffer may be uninitialized.
  ///
  /// - Precondition: The buffer holds exactly `positions.count * exampleShape.count` values.
  public func copyInputs(
    at positions: some Collection<Int>, to buffer: UnsafeMutableBufferPointer<Float>
  ) {
    let size = exampleShape.count
    precondition(
      buffer.count == positions.count * size,
      "a buffer of \(buffer.count) values for \(positions.count) examples of \(size)")
    for (row, position) in positions.enumerated() {
      storage.copy(
        from: index(at: position) * size,
        to: UnsafeMutableBufferPointer(rebasing: buffer[row * size..<(row + 1) * size]))
    }
  }

  /// The inputs at the given positions, in their order, with the batch as the outermost axis.
  public func inputs(at positions: some Collection<Int>) -> Tensor<Float> {
    let shape = exampleShape.prepending(positions.count)
    let scalars = [Float](unsafeUninitializedCapacity: shape.count) { buffer, count in
      count = shape.count
      copyInputs(at: positions, to: UnsafeMutableBufferPointer(rebasing: buffer[..<count]))
    }
    return Tensor(scalars, shape: shape)
  }

  /// The labels at the given positions, in their order.
  public func labels(at positions: some Collection<Int>) -> [Int] { positions.map(label(at:)) }
}
