public import Tensors

extension Dataset {
  /// Copies the inputs at the given positions, in their order, into a contiguous buffer.
  ///
  /// The values are those of `image(at:)`; the buffer may be uninitialized, and may be in part after an error.
  ///
  /// - Throws: `DatasetError` if the file can no longer be read, or holds values out of bounds there; never
  ///   for data in memory.
  /// - Precondition: The buffer holds exactly `positions.count * exampleShape.count` values.
  public func copyInputs(
    at positions: some Collection<Int>, to buffer: UnsafeMutableBufferPointer<Float>
  ) throws(DatasetError) {
    let size = exampleShape.count
    precondition(
      buffer.count == positions.count * size,
      "a buffer of \(buffer.count) values for \(positions.count) examples of \(size)")
    for (row, position) in positions.enumerated() {
      try storage.copy(
        example: index(at: position),
        to: UnsafeMutableBufferPointer(rebasing: buffer[row * size..<(row + 1) * size]))
    }
  }

  /// The inputs at the given positions, in their order, with the batch as the outermost axis.
  ///
  /// - Throws: `DatasetError` as `copyInputs(at:to:)`.
  public func inputs(
    at positions: some Collection<Int>
  ) throws(DatasetError) -> Tensor<Float> {
    let shape = exampleShape.prepending(positions.count)
    var scalars = [Float](repeating: 0, count: shape.count)
    try scalars.withUnsafeMutableBufferPointer { buffer throws(DatasetError) in
      try copyInputs(at: positions, to: buffer)
    }
    return Tensor(scalars, shape: shape)
  }

  /// The labels at the given positions, in their order.
  public func labels(at positions: some Collection<Int>) -> [Int] { positions.map(label(at:)) }
}
