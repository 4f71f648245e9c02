import CZlib
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

/// One pass of zlib over gzip data; `end` must be called once.
struct Inflation {
  private let input: UnsafeBufferPointer<UInt8>
  private let name: String
  private let stream: UnsafeMutablePointer<z_stream>

  /// The number of input bytes that zlib was given or has used up.
  private var position = 0

  /// Begins with the first member.
  init(_ input: UnsafeBufferPointer<UInt8>, name: String) throws(ArchiveError) {
    self.input = input
    self.name = name
    stream = .allocate(capacity: 1)
    stream.initialize(to: z_stream())
    let gzipOnly = MAX_WBITS + 16
    let status = inflateInit2_(
      stream, gzipOnly, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    guard status == Z_OK else {
      stream.deallocate()
      throw ArchiveError(.compression, in: name, "zlib cannot start (status \(status))")
    }
  }

  /// Frees what zlib holds.
  func end() {
    inflateEnd(stream)
    stream.deallocate()
  }

  /// The size that the last member claims to have, capped by what deflate can reach at all.
  var announcedCount: Int {
    let claim = input.suffix(4).reversed().reduce(0) { $0 << 8 | Int($1) }
    return min(claim, 1032 * input.count)
  }

  /// Hands the decompressed bytes on in pieces until the last member ends.
  mutating func run(
    _ body: (UnsafeBufferPointer<UInt8>) throws(ArchiveError) -> Void
  ) throws(ArchiveError) {
    let chunk = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: 1 << 16)
    defer { chunk.deallocate() }
    while true {
      let status = step(into: chunk)
      try body(
        UnsafeBufferPointer(rebasing: chunk[..<(chunk.count - Int(stream.pointee.avail_out))]))
      switch status {
      case Z_OK: continue
      case Z_STREAM_END:
        if position == input.count { return }
        guard Gzip.isGzip(input[position...]) else {
          throw ArchiveError(
            .compression, in: name, at: position,
            "\(input.count - position) bytes after the end of the gzip data")
        }
        inflateReset(stream)
      case Z_BUF_ERROR:
        throw ArchiveError(
          .compression, in: name, at: position, "the gzip data end before they are complete")
      default:
        let reason = stream.pointee.msg.map { String(cString: $0) } ?? "status \(status)"
        throw ArchiveError(
          .compression, in: name, at: position, "the gzip data are damaged: \(reason)")
      }
    }
  }

  /// Decompresses until the chunk is full, the member ends or the input is used up.
  private mutating func step(into chunk: UnsafeMutableBufferPointer<UInt8>) -> Int32 {
    // zlib counts input in 32 bits and does not write to it.
    let piece = input[position...].prefix(1 << 30)
    stream.pointee.next_in = UnsafeMutablePointer(
      mutating: UnsafeBufferPointer(rebasing: piece).baseAddress)
    stream.pointee.avail_in = UInt32(piece.count)
    stream.pointee.next_out = chunk.baseAddress
    stream.pointee.avail_out = UInt32(chunk.count)
    let status = inflate(stream, Z_NO_FLUSH)
    position += piece.count - Int(stream.pointee.avail_in)
    return status
  }
}

/// The checksum of gzip and ZIP (CRC-32) of bytes that come in pieces.
///
/// It finds every flipped bit; whoever damages a file on purpose can make it fit.
package struct Checksum {
  /// The sum of all bytes so far.
  package private(set) var value: UInt32 = 0

  /// Creates the sum of no bytes.
  package init() {}

  /// Adds bytes.
  package mutating func add(_ bytes: UnsafeRawBufferPointer) {
    var rest = bytes[...]
    // zlib counts in 32 bits.
    while !rest.isEmpty {
      let piece = UnsafeRawBufferPointer(rebasing: rest.prefix(1 << 30))
      let start = piece.bindMemory(to: UInt8.self).baseAddress
      value = UInt32(truncatingIfNeeded: crc32(UInt(value), start, UInt32(piece.count)))
      rest = rest.dropFirst(piece.count)
    }
  }

  /// Adds the length of a text and its UTF-8 form, so that joined texts differ from others that are.
  package mutating func add(_ text: String) {
    withUnsafeBytes(of: UInt64(text.utf8.count).littleEndian) { add($0) }
    Array(text.utf8).withUnsafeBytes { add($0) }
  }
}
