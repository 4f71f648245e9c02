import Archives

/// One file of CIFAR: labels, and examples that are read when they are asked for where the form allows it.
struct CIFARBatch {
  let labels: [Int]
  let examples: any ExampleSource

  /// Bytes of pixels in a record.
  static let pixels = 3 * 32 * 32

  /// Reads a file of either form, gzipped or not.
  init(path: String, of database: CIFAR, levels: ByteLevels) throws(DatasetError) {
    let source = try DatasetError.converting { () throws(ArchiveError) in
      try ByteSources.open(path)
    }
    let head = try DatasetError.converting { () throws(ArchiveError) in
      try source.bytes(at: 0..<2000)
    }
    try DatasetError.refuseStandIn(head, in: source.name, expected: "a file of CIFAR")
    let record = database.labelBytes + CIFARBatch.pixels
    // How pickles of protocol 2 and later begin; no class has so large a number.
    if head.first == 0x80 {
      self = try CIFARBatch(pickle: source, of: database, levels: levels)
      return
    }
    guard source.count > 0, source.count % record == 0 else {
      throw DatasetError(
        .format, in: source.name,
        "has \(source.count) bytes, expected a multiple of \(record), the size of a record, or a"
          + " Python pickle")
    }
    try self.init(records: source, of: database, levels: levels)
  }

  private init(
    records source: any ByteSource, of database: CIFAR, levels: ByteLevels
  ) throws(DatasetError) {
    let record = database.labelBytes + CIFARBatch.pixels
    var labels: [Int] = []
    let count = source.count / record
    labels.reserveCapacity(count)
    // In pieces, so that a large file needs little memory.
    for first in stride(from: 0, to: count, by: 1000) {
      let last = min(first + 1000, count)
      let bytes = try DatasetError.converting { () throws(ArchiveError) in
        try source.bytes(at: first * record..<last * record)
      }
      for index in 0..<last - first {
        let place = index * record + database.labelBytes - 1
        guard bytes[place] < database.classNames.count else {
          throw DatasetError(
            .content, in: source.name, at: first * record + place,
            "found the class \(bytes[place]), expected 0 to \(database.classNames.count - 1)")
        }
        labels.append(Int(bytes[place]))
      }
    }
    self.labels = labels
    examples = RecordExamples(
      source: source, start: database.labelBytes, distance: record, exampleCount: count,
      exampleSize: CIFARBatch.pixels, levels: levels)
  }

  /// Joins labels and examples that were read elsewhere.
  init(labels: [Int], examples: any ExampleSource) {
    self.labels = labels
    self.examples = examples
  }
}
