import CZip
import Files
import Platform
import Synchronization

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

/// Owns libzip's archive; every call goes through its lock, since libzip has none.
///
/// `@unchecked Sendable`: the pointers are constant, and what they lead to is used under the lock only.
final class ZipHandle: @unchecked Sendable {
  private let archive: OpaquePointer
  private let lock = Mutex(())

  /// Opens a file for reading.
  convenience init(path: String) throws(ArchiveError) {
    var error = zip_error_t()
    zip_error_init(&error)
    defer { zip_error_fini(&error) }
    guard let source = zip_source_file_create(path, 0, 0, &error) else {
      throw ArchiveError(.unreadable, in: path, "cannot be read: \(ZipHandle.reason(&error))")
    }
    try self.init(source, name: path)
  }

  /// Opens a copy of bytes for reading.
  convenience init(bytes: [UInt8], name: String) throws(ArchiveError) {
    var error = zip_error_t()
    zip_error_init(&error)
    defer { zip_error_fini(&error) }
    guard let copy = malloc(max(bytes.count, 1)) else {
      throw ArchiveError(.tooLarge, in: name, "does not fit into memory")
    }
    bytes.withUnsafeBytes { buffer in
      if let start = buffer.baseAddress { _ = memcpy(copy, start, buffer.count) }
    }
    // libzip frees the copy together with the source.
    guard let source = zip_source_buffer_create(copy, UInt64(bytes.count), 1, &error) else {
      free(copy)
      throw ArchiveError(.unreadable, in: name, "cannot be read: \(ZipHandle.reason(&error))")
    }
    try self.init(source, name: name)
  }

  private init(_ source: OpaquePointer, name: String) throws(ArchiveError) {
    var error = zip_error_t()
    zip_error_init(&error)
    defer { zip_error_fini(&error) }
    guard let archive = zip_open_from_source(source, ZIP_RDONLY, &error) else {
      zip_source_free(source)
      throw ArchiveError(
        .format, in: name, "expected a ZIP archive: \(ZipHandle.reason(&error))")
    }
    self.archive = archive
  }

  deinit { zip_discard(archive) }

  /// Runs calls of libzip that no other thread can disturb.
  func locked<Result: Sendable, Failure: Error>(
    _ work: (OpaquePointer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try lock.withLock { _ throws(Failure) in try work(archive) }
  }

  /// The directory.
  func entries(of name: String) throws(ArchiveError) -> [ZipArchive.Entry] {
    try locked { archive throws(ArchiveError) in
      let count = zip_get_num_entries(archive, 0)
      var entries: [ZipArchive.Entry] = []
      for index in 0..<UInt64(max(count, 0)) {
        var stat = zip_stat_t()
        guard zip_stat_index(archive, index, 0, &stat) == 0, let text = stat.name,
          let byteCount = Int(exactly: stat.size), let held = Int(exactly: stat.comp_size)
        else {
          throw ArchiveError(.format, in: name, "entry \(index) of its directory cannot be read")
        }
        entries.append(
          ZipArchive.Entry(
            name: String(cString: text), byteCount: byteCount,
            isStored: Int32(stat.comp_method) == ZIP_CM_STORE && stat.encryption_method == 0
              && byteCount == held,
            compressedCount: held, index: index))
      }
      return entries
    }
  }

  /// Opens an entry at its beginning.
  func open(_ entry: ZipArchive.Entry, source: String) throws(ArchiveError) -> ZipEntryFile {
    try locked { archive throws(ArchiveError) in
      var stat = zip_stat_t()
      guard zip_stat_index(archive, entry.index, 0, &stat) == 0 else {
        throw ArchiveError(.format, in: source, "is not in the directory of the archive")
      }
      guard stat.encryption_method == 0 else {
        throw ArchiveError(.format, in: source, "is encrypted, expected no encryption")
      }
      guard [ZIP_CM_STORE, ZIP_CM_DEFLATE].contains(Int32(stat.comp_method)) else {
        throw ArchiveError(
          .format, in: source,
          "is compressed by method \(stat.comp_method), expected 0 (stored) or 8 (deflate)")
      }
      // libzip reads nothing of an entry without bytes, and so does not compare what its checksum must be.
      guard stat.size > 0 || stat.crc == 0 else {
        throw ArchiveError(
          .compression, in: source, "is damaged: it has no bytes, but a checksum of some")
      }
      guard let file = zip_fopen_index(archive, entry.index, 0) else {
        let reason = String(cString: zip_error_strerror(zip_get_error(archive)))
        throw ArchiveError(.compression, in: source, "cannot be opened: \(reason)")
      }
      return ZipEntryFile(file, in: self, source: source)
    }
  }

  private static func reason(_ error: inout zip_error_t) -> String {
    String(cString: zip_error_strerror(&error))
  }
}

/// An open entry of an archive.
///
/// `@unchecked Sendable`: the pointer is constant, and what it leads to is used under the archive's lock only.
final class ZipEntryFile: @unchecked Sendable {
  private let file: OpaquePointer
  private let handle: ZipHandle
  private let source: String

  /// Takes over an open entry.
  init(_ file: OpaquePointer, in handle: ZipHandle, source: String) {
    self.file = file
    self.handle = handle
    self.source = source
  }

  deinit { handle.locked { _ in _ = zip_fclose(file) } }

  /// Reads on; 0 at the end, where the checksum has been compared.
  func read(into buffer: UnsafeMutableRawBufferPointer) throws(ArchiveError) -> Int {
    try handle.locked { _ throws(ArchiveError) in try readUnlocked(into: buffer) }
  }

  /// Reads the entry once from its beginning to its end, where libzip compares the checksum.
  ///
  /// - Throws: `ArchiveError` if it does not have that many bytes, or others than the checksum is of.
  func check(count: Int) throws(ArchiveError) {
    let chunk = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 16)
    defer { chunk.deallocate() }
    var total = 0
    while true {
      let received = try read(into: chunk)
      if received == 0 { break }
      total += received
    }
    guard total == count else {
      throw ArchiveError(
        .compression, in: source, "holds \(total) bytes, expected the \(count) of its directory")
    }
  }

  /// Fills the whole buffer with the bytes from an offset on; of stored entries only.
  func read(
    at offset: Int, into buffer: UnsafeMutableRawBufferPointer
  ) throws(ArchiveError) {
    // In an entry without bytes libzip seeks by way of a null pointer.
    guard buffer.count > 0 else { return }
    try handle.locked { _ throws(ArchiveError) in
      guard zip_fseek(file, Int64(offset), SEEK_SET) == 0 else { throw failure(at: offset) }
      var filled = 0
      while filled < buffer.count {
        let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[filled...])
        let count = try readUnlocked(into: rest)
        guard count > 0 else {
          throw ArchiveError(
            .compression, in: source, at: offset + filled, "ends before it is complete")
        }
        filled += count
      }
    }
  }

  private func readUnlocked(
    into buffer: UnsafeMutableRawBufferPointer
  ) throws(ArchiveError) -> Int {
    guard let start = buffer.baseAddress, buffer.count > 0 else { return 0 }
    let count = zip_fread(file, start, UInt64(buffer.count))
    guard count >= 0 else { throw failure(at: nil) }
    return Int(count)
  }

  private func failure(at offset: Int?) -> ArchiveError {
    let reason = String(cString: zip_error_strerror(zip_file_get_error(file)))
    return ArchiveError(.compression, in: source, at: offset, "is damaged: \(reason)")
  }
}
