extension Dataset {
  /// The values of all examples, one example after the other, each in row-major order.
  enum Storage: Sendable {
    case bytes(ArraySlice<UInt8>)
    case floats([Float])

    /// The number of values.
    var count: Int {
      switch self {
      case .bytes(let bytes): bytes.count
      case .floats(let values): values.count
      }
    }

    /// Copies the values from `start` on into the buffer, all of which is filled.
    func copy(from start: Int, to buffer: UnsafeMutableBufferPointer<Float>) {
      precondition(start >= 0 && start + buffer.count <= count, "values outside the data set")
      switch self {
      case .bytes(let bytes):
        bytes.withUnsafeBufferPointer { source in
          // Without the sum in the index there is nothing to overflow, and the loop becomes SIMD.
          let part = UnsafeBufferPointer(rebasing: source[start..<start + buffer.count])
          for offset in 0..<buffer.count { buffer[offset] = Float(part[offset]) / 255 }
        }
      case .floats(let values):
        _ = buffer.initialize(fromContentsOf: values[start..<start + buffer.count])
      }
    }
  }
}
