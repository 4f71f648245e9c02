import CZip
import Platform

/// Writes ZIP archives through libzip.
public enum ZipEncoder {
  /// The bytes of an archive that stores the files as they are, in their order.
  ///
  /// The same files make the same bytes: their time is the earliest that the format knows, 1 January 1980.
  /// Costs up to twice the memory of the files while it works.
  ///
  /// - Parameter files: Names, which must differ, and contents.
  /// - Returns: The archive.
  /// - Throws: `ArchiveError` of kind `.format` that names the file which libzip refuses.
  public static func encoded(
    _ files: [(name: String, bytes: [UInt8])]
  ) throws(ArchiveError) -> [UInt8] {
    guard !files.isEmpty else {
      throw ArchiveError(.format, in: "archive", "has no files, expected one at least")
    }
    var error = zip_error_t()
    zip_error_init(&error)
    defer { zip_error_fini(&error) }
    guard let target = zip_source_buffer_create(nil, 0, 0, &error) else {
      throw ArchiveError(.format, in: "archive", String(cString: zip_error_strerror(&error)))
    }
    // One more reference, since closing the archive drops one.
    zip_source_keep(target)
    defer { zip_source_free(target) }
    guard let archive = zip_open_from_source(target, ZIP_TRUNCATE, &error) else {
      zip_source_free(target)
      throw ArchiveError(.format, in: "archive", String(cString: zip_error_strerror(&error)))
    }
    var isClosed = false
    defer { if !isClosed { zip_discard(archive) } }
    for file in files { try add(file.name, file.bytes, to: archive) }
    guard zip_close(archive) == 0 else {
      throw ArchiveError(.format, in: "archive", reason(archive))
    }
    isClosed = true
    return try bytes(of: target)
  }

  private static func add(
    _ name: String, _ bytes: [UInt8], to archive: OpaquePointer
  ) throws(ArchiveError) {
    guard let copy = malloc(max(bytes.count, 1)) else {
      throw ArchiveError(.tooLarge, in: name, "does not fit into memory")
    }
    bytes.withUnsafeBytes { buffer in
      if let start = buffer.baseAddress { _ = memcpy(copy, start, buffer.count) }
    }
    guard let source = zip_source_buffer(archive, copy, UInt64(bytes.count), 1) else {
      free(copy)
      throw ArchiveError(.format, in: name, reason(archive))
    }
    let index = zip_file_add(archive, name, source, UInt32(ZIP_FL_ENC_UTF_8))
    guard index >= 0 else {
      zip_source_free(source)
      throw ArchiveError(.format, in: name, "cannot be added: \(reason(archive))")
    }
    // Bits 5 to 8 hold the month and bits 0 to 4 the day; the year counts from 1980.
    guard zip_set_file_compression(archive, UInt64(index), ZIP_CM_STORE, 0) == 0,
      zip_file_set_dostime(archive, UInt64(index), 0, 1 << 5 | 1, 0) == 0
    else { throw ArchiveError(.format, in: name, reason(archive)) }
  }

  private static func bytes(of target: OpaquePointer) throws(ArchiveError) -> [UInt8] {
    var stat = zip_stat_t()
    guard zip_source_stat(target, &stat) == 0, let count = Int(exactly: stat.size),
      zip_source_open(target) == 0
    else { throw ArchiveError(.format, in: "archive", "cannot be read back") }
    defer { zip_source_close(target) }
    let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      while filled < count, let start = buffer.baseAddress {
        let received = zip_source_read(target, start + filled, UInt64(count - filled))
        if received <= 0 { break }
        filled += Int(received)
      }
    }
    guard bytes.count == count else {
      throw ArchiveError(.format, in: "archive", "cannot be read back whole")
    }
    return bytes
  }

  private static func reason(_ archive: OpaquePointer) -> String {
    String(cString: zip_error_strerror(zip_get_error(archive)))
  }
}
