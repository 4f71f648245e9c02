import Files

/// Decompression of gzip data (RFC 1952).
public enum Gzip {
  /// Whether data begin as gzip data do.
  public static func isGzip(_ bytes: some Collection<UInt8>) -> Bool {
    bytes.starts(with: [0x1F, 0x8B])
  }

  /// The most bytes that data of a compressed size are taken to stand for: 128 times their size, 64 MiB at least.
  ///
  /// Images of digits shrink about five times; gzip can shrink zeros a thousand times.
  public static func limit(forCompressedCount count: Int) -> Int {
    max(64 << 20, 128 * count)
  }

  /// The decompressed bytes of all members of gzip data.
  ///
  /// Memory grows with what is really decompressed and never much beyond `limit`.
  ///
  /// - Parameters:
  ///   - bytes: The compressed data.
  ///   - name: What errors call the data, such as the path of the file.
  ///   - limit: The most bytes that may come out.
  /// - Returns: The decompressed bytes of the members, joined.
  /// - Throws: `ArchiveError` of kind `.compression` if the data are damaged, cut short or followed by
  ///   something else, and of kind `.tooLarge` if they hold more than `limit` bytes.
  public static func decompress(
    _ bytes: [UInt8], named name: String, limit: Int
  ) throws(ArchiveError) -> [UInt8] {
    try bytes.withUnsafeBufferPointer { buffer throws(ArchiveError) in
      try decompress(buffer, named: name, limit: limit)
    }
  }

  /// The decompressed bytes of all members of gzip data that lie in a buffer.
  ///
  /// - Parameters:
  ///   - input: The compressed data.
  ///   - name: What errors call the data, such as the path of the file.
  ///   - limit: The most bytes that may come out.
  /// - Returns: The decompressed bytes of the members, joined.
  /// - Throws: `ArchiveError` as for an array.
  public static func decompress(
    _ input: UnsafeBufferPointer<UInt8>, named name: String, limit: Int
  ) throws(ArchiveError) -> [UInt8] {
    var inflation = try Inflation(input, name: name)
    defer { inflation.end() }
    func checkRoom(_ count: Int) throws(ArchiveError) {
      guard MemoryRoom.has(count) else {
        throw ArchiveError(.tooLarge, in: name, "does not fit into memory")
      }
    }
    var output: [UInt8] = []
    let announced = min(limit, inflation.announcedCount)
    try checkRoom(announced)
    output.reserveCapacity(announced)
    try inflation.run { chunk throws(ArchiveError) in
      guard chunk.count <= limit - output.count else {
        throw ArchiveError(
          .tooLarge, in: name,
          "decompresses to more than the \(limit) bytes that are allowed for it")
      }
      if output.count + chunk.count > output.capacity { try checkRoom(2 * output.capacity) }
      output.append(contentsOf: chunk)
    }
    return output
  }
}
