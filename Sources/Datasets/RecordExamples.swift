import Archives

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
