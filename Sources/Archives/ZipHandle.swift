import CZip
import Files
import Platform
import Synchronization

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
