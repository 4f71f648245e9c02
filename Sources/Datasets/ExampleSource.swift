import Archives

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

/// Examples of bytes at equal distances in a file, such as those of IDX and of CIFAR.
struct RecordExamples: ExampleSource {
  let source: any ByteSource
  /// The offset of the first value of the first example.
  let start: Int
  /// The distance from one example to the next.
  let distance: Int
  let exampleCount: Int
  let exampleSize: Int
  let levels: ByteLevels

  func copy(
    example index: Int, to buffer: UnsafeMutableBufferPointer<Float>
  ) throws(DatasetError) {
    let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: exampleSize, alignment: 16)
    defer { bytes.deallocate() }
    try DatasetError.converting { () throws(ArchiveError) in
      try source.read(at: start + index * distance, into: bytes)
    }
    levels.convert(UnsafeBufferPointer(bytes.bindMemory(to: UInt8.self)), to: buffer)
  }
}

/// The examples of several sources, one after the other.
struct JoinedExamples: ExampleSource {
  private let parts: [any ExampleSource]
  let exampleSize: Int
  let exampleCount: Int

  /// - Precondition: There is a part at least, and all examples have one size.
  init(_ parts: [any ExampleSource]) {
    self.parts = parts
    exampleSize = parts[0].exampleSize
    exampleCount = parts.reduce(0) { $0 + $1.exampleCount }
  }

  func copy(
    example index: Int, to buffer: UnsafeMutableBufferPointer<Float>
  ) throws(DatasetError) {
    var index = index
    for part in parts {
      if index < part.exampleCount { return try part.copy(example: index, to: buffer) }
      index -= part.exampleCount
    }
  }
}

/// Examples whose values are those of others in another order.
struct ReorderedExamples: ExampleSource {
  let base: Dataset.Storage
  let exampleCount: Int
  /// For each value the place that it is taken from.
  let places: [Int]

  var exampleSize: Int { places.count }

  func copy(
    example index: Int, to buffer: UnsafeMutableBufferPointer<Float>
  ) throws(DatasetError) {
    var values = [Float](repeating: 0, count: places.count)
    try values.withUnsafeMutableBufferPointer { values throws(DatasetError) in
      try base.copy(example: index, to: values)
    }
    for (target, source) in places.enumerated() { buffer[target] = values[source] }
  }
}

/// What the 256 values of a byte stand for: from the lower to the upper bound in equal steps.
public struct ByteLevels: Sendable {
  /// The values of 0 and of 255.
  public let bounds: ClosedRange<Float>

  /// The values of all bytes; empty for byte / 255, which is faster computed.
  private let table: [Float]

  /// The levels byte / 255.
  static let unit = ByteLevels(0...1)

  /// Spreads the bytes evenly over an interval.
  public init(_ bounds: ClosedRange<Float>) {
    self.bounds = bounds
    table =
      bounds == 0...1
      ? []
      : (0...255).map { level in
        let (lower, upper) = (Double(bounds.lowerBound), Double(bounds.upperBound))
        let value = Float(lower + (upper - lower) * (Double(level) / 255))
        return min(max(value, bounds.lowerBound), bounds.upperBound)
      }
  }

  /// The values of the bytes 0 to 255.
  public var values: [Float] { (0...255).map { self[$0] } }

  /// What one byte stands for.
  subscript(byte: UInt8) -> Float { table.isEmpty ? Float(byte) / 255 : table[Int(byte)] }

  /// What bytes stand for.
  func convert(
    _ bytes: UnsafeBufferPointer<UInt8>, to buffer: UnsafeMutableBufferPointer<Float>
  ) {
    if table.isEmpty {
      for index in 0..<buffer.count { buffer[index] = Float(bytes[index]) / 255 }
    } else {
      for index in 0..<buffer.count { buffer[index] = table[Int(bytes[index])] }
    }
  }
}
