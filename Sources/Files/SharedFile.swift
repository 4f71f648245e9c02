import Platform

/// A regular file to whose end several processes may write, one at a time.
package final class SharedFile: Sendable {
  package let path: String
  private let number: Int32

  /// How often to look whether another has let go of the file, every twentieth of a second.
  private static let turns = 200

  /// Opens a file; creates it where there is none.
  package init(path: String) throws(FileError) {
    let number = open(path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK, 0o644)
    guard number >= 0 else { throw FileError(path: path, action: "write to it", code: errno) }
    self.path = path
    self.number = number
    var status = stat()
    guard fstat(number, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      throw FileError(path: path, action: "keep records in a device or a pipe", code: ENOTSUP)
    }
  }

  deinit { close(number) }

  /// Does work while no other process, nor another value of this type, does such work on the file.
  ///
  /// Nobody holds it for long; a process that was ended lets go of it.
  package func alone<Result>(_ work: () throws(FileError) -> Result) throws(FileError) -> Result {
    var turns = 0
    while flock(number, LOCK_EX | LOCK_NB) != 0 {
      let code = errno
      // Some file systems have no locks; then there is but one process that is known.
      if [ENOLCK, ENOSYS, ENOTSUP, EOPNOTSUPP, EINVAL].contains(code) { break }
      guard code == EWOULDBLOCK || code == EINTR, turns < SharedFile.turns else {
        throw FileError(path: path, action: "have it alone", code: code)
      }
      turns += 1
      usleep(50_000)
    }
    defer { flock(number, LOCK_UN) }
    return try work()
  }

  /// The number of bytes that it has now.
  package func size() throws(FileError) -> Int {
    var status = stat()
    guard fstat(number, &status) == 0 else {
      throw FileError(path: path, action: "read it", code: errno)
    }
    return Int(status.st_size)
  }

  /// The bytes in a range, which the file must have.
  package func bytes(in range: Range<Int>) throws(FileError) -> [UInt8] {
    var code: Int32 = 0
    let bytes = [UInt8](unsafeUninitializedCapacity: range.count) { buffer, count in
      while count < range.count {
        let rest = UnsafeMutableRawBufferPointer(
          UnsafeMutableBufferPointer(rebasing: buffer[count...]))
        let received = pread(
          number, rest.baseAddress, min(rest.count, 1 << 30), off_t(range.lowerBound + count))
        if received < 0 && errno == EINTR { continue }
        guard received > 0 else {
          code = received < 0 ? errno : EIO
          break
        }
        count += received
      }
    }
    guard code == 0 else { throw FileError(path: path, action: "read it", code: code) }
    return bytes
  }

  /// Adds bytes at the end; what was written of them is taken back where that fails, as on a full disk.
  package func append(_ bytes: [UInt8]) throws(FileError) {
    let before = try size()
    var written = 0
    while written < bytes.count {
      let count = bytes.withUnsafeBytes { buffer in
        write(
          number, buffer.baseAddress.map { $0 + written }, min(buffer.count - written, 1 << 30))
      }
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else {
        let code = count < 0 ? errno : EIO
        // If that fails as well, whoever reads it next cuts it off.
        _ = ftruncate(number, off_t(before))
        throw FileError(path: path, action: "write to it", code: code)
      }
      written += count
    }
  }

  /// Cuts the file to a length.
  package func cut(to length: Int) throws(FileError) {
    guard ftruncate(number, off_t(length)) == 0 else {
      throw FileError(path: path, action: "cut off its last record", code: errno)
    }
  }
}
