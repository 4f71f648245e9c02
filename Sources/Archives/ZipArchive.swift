import CZip
import Files

/// A ZIP archive of stored or deflated entries, read through libzip.
///
///     let archive = try ZipArchive(path: "data.npz")
///     for entry in archive.entries { print(entry.name, entry.byteCount) }
///     let bytes = try archive.contents(of: archive.entries[0], limit: 1 << 20)
public struct ZipArchive: Sendable {
  /// One file in an archive, as the archive's directory describes it.
  public struct Entry: Hashable, Sendable {
    /// The name, with `/` between folders.
    public let name: String
    /// The number of bytes that the directory claims it to have; a hostile file may claim anything.
    public let byteCount: Int
    /// Whether the entry is held as it is, which lets parts of it be read.
    public let isStored: Bool
    /// The number of bytes that it takes in the archive.
    public let compressedCount: Int
    /// The position in the directory.
    let index: UInt64
  }

  /// What errors call the archive.
  public let name: String

  /// The files in the archive, in the order of its directory; names can repeat.
  public let entries: [Entry]

  let handle: ZipHandle

  /// Opens an archive and reads its directory; a gzipped one is decompressed into memory first.
  ///
  /// The file stays open, and must not change, as long as the value or a copy of it lives.
  ///
  /// - Throws: `ArchiveError` of kind `.unreadable` or `.format`, and for gzipped files `.compression` or
  ///   `.tooLarge`.
  public init(path: String) throws(ArchiveError) {
    // Devices and pipes are refused here, and libzip would say less clearly what is wrong.
    let start = try FileContents.prefix(ofFile: path, count: 2000)
    try ZipArchive.check(start, in: path)
    if Gzip.isGzip(start) {
      let file = try FileContents(inflating: path)
      try self.init(bytes: file.bytes, name: file.name)
    } else {
      try self.init(ZipHandle(path: path), name: path)
    }
  }

  /// Opens an archive that lies in memory, which is copied.
  ///
  /// - Throws: `ArchiveError` of kind `.format`.
  public init(bytes: [UInt8], name: String) throws(ArchiveError) {
    try ZipArchive.check(bytes, in: name)
    try self.init(ZipHandle(bytes: bytes, name: name), name: name)
  }

  /// Says what a file is that is plainly no archive; libzip takes nothing for one without files.
  private static func check(_ start: [UInt8], in name: String) throws(ArchiveError) {
    guard !start.isEmpty else {
      throw ArchiveError(.format, in: name, "is empty, expected a ZIP archive")
    }
    if let standIn = StandIn(start: start) {
      throw ArchiveError(.format, in: name, standIn.refusal(of: name, expected: "a ZIP archive"))
    }
  }

  private init(_ handle: ZipHandle, name: String) throws(ArchiveError) {
    self.handle = handle
    self.name = name
    entries = try handle.entries(of: name)
  }

  /// The whole of an entry, decompressed and checked against its checksum.
  ///
  /// Memory grows with what is really decompressed, not with what the directory claims.
  ///
  /// - Parameters:
  ///   - entry: An entry of this archive.
  ///   - limit: The most bytes that may come out.
  /// - Returns: All of its bytes.
  /// - Throws: `ArchiveError` naming archive and entry: `.tooLarge` above the limit, `.compression` if the
  ///   data are damaged, `.format` if they are encrypted or compressed by another method than deflate.
  public func contents(of entry: Entry, limit: Int) throws(ArchiveError) -> [UInt8] {
    let source = "\(name): \(entry.name)"
    guard entry.byteCount <= limit else {
      throw ArchiveError(
        .tooLarge, in: source,
        "has \(entry.byteCount) bytes, expected at most the \(limit) that are allowed for it")
    }
    let file = try handle.open(entry, source: source)
    // Deflate cannot make more of its input than this, whatever the directory claims.
    let most = entry.compressedCount.multipliedReportingOverflow(by: 1032)
    let capacity = most.overflow ? entry.byteCount : min(entry.byteCount, most.partialValue + 64)
    guard MemoryRoom.has(capacity) else {
      throw ArchiveError(.tooLarge, in: source, "does not fit into memory")
    }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(capacity)
    let chunk = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 18, alignment: 16)
    defer { chunk.deallocate() }
    while true {
      let count = try file.read(into: chunk)
      if count == 0 { break }
      guard count <= limit - bytes.count else {
        throw ArchiveError(
          .tooLarge, in: source,
          "decompresses to more than the \(limit) bytes that are allowed for it")
      }
      bytes.append(contentsOf: chunk[..<count])
    }
    guard bytes.count == entry.byteCount else {
      throw ArchiveError(
        .compression, in: source,
        "holds \(bytes.count) bytes, expected the \(entry.byteCount) that the directory claims")
    }
    return bytes
  }

  /// The first entry of a name, or `nil`.
  public func entry(named name: String) -> Entry? { entries.first { $0.name == name } }
}
