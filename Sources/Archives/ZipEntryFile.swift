import CZip
import Platform

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
