extension Dataset {
  /// The values of all examples, each in row-major order: in memory, or read when they are asked for.
  enum Storage: Sendable {
    case bytes(ArraySlice<UInt8>, ByteLevels)
    case floats([Float])
    case source(any ExampleSource)

    /// The number of examples, if each has `size` values; `nil` if that leaves a rest.
    func exampleCount(size: Int) -> Int? {
      let count: Int
      switch self {
      case .bytes(let bytes, _): count = bytes.count
      case .floats(let values): count = values.count
      case .source(let source): return source.exampleSize == size ? source.exampleCount : nil
      }
      return count % size == 0 ? count / size : nil
    }

    /// Copies one example into the buffer, all of which is filled.
    func copy(
      example index: Int, to buffer: UnsafeMutableBufferPointer<Float>
    ) throws(DatasetError) {
      switch self {
      case .bytes(let bytes, let levels):
        bytes.withUnsafeBufferPointer { source in
          let start = index * buffer.count
          levels.convert(
            UnsafeBufferPointer(rebasing: source[start..<start + buffer.count]), to: buffer)
        }
      case .floats(let values):
        let start = index * buffer.count
        _ = buffer.initialize(fromContentsOf: values[start..<start + buffer.count])
      case .source(let source): try source.copy(example: index, to: buffer)
      }
    }
  }
}

/// Examples that are read when they are asked for, from any thread.
protocol ExampleSource: Sendable {
  /// The number of examples.
  var exampleCount: Int { get }

  /// The number of values of each.
  var exampleSize: Int { get }

  /// Copies one example into a buffer of `exampleSize` values.
  func copy(
    example index: Int, to buffer: UnsafeMutableBufferPointer<Float>
  ) throws(DatasetError)
}
