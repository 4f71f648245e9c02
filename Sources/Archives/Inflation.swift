import CZlib

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
