#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// A file to which records are added one after the other, each before the work goes on.
///
/// A process that ends in the middle of a record leaves a part of it; whoever reads the file cuts that off.
public final class AppendingFile: Sendable {
  /// The path as it was given.
  public let path: String

  private let number: Int32

  /// How often to look whether another has let go of the file, every twentieth of a second.
  private static let turns = 60

  /// Opens a regular file for writing at its end, after it was cut to some length; creates it where there is none.
  ///
  /// One writer at a time: a lock on the file is held until it is closed, and waited for during three seconds.
  ///
  /// - Throws: `FileError`.
  public init(path: String, cutTo length: Int) throws(FileError) {
    // A pipe would make opening wait for a reader, and nothing can be cut off it.
    let number = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK, 0o644)
    guard number >= 0 else { throw FileError(path: path, action: "write to it", code: errno) }
    var status = stat()
    guard fstat(number, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      close(number)
      throw FileError(path: path, action: "keep records in a device or a pipe", code: ENOTSUP)
    }
    self.path = path
    self.number = number
    var turns = 0
    while flock(number, LOCK_EX | LOCK_NB) != 0 {
      let code = errno
      // Work that has just ended may hold it for a moment longer.
      guard code == EWOULDBLOCK || code == EINTR, turns < AppendingFile.turns else {
        throw FileError(path: path, action: "have it alone", code: code)
      }
      turns += 1
      usleep(50_000)
    }
    guard ftruncate(number, off_t(length)) == 0 else {
      throw FileError(path: path, action: "cut off its last record", code: errno)
    }
  }

  deinit { close(number) }

  /// Adds bytes at the end.
  ///
  /// - Throws: `FileError`, such as for a full disk.
  public func append(_ bytes: [UInt8]) throws(FileError) {
    var written = 0
    while written < bytes.count {
      let count = bytes.withUnsafeBytes { buffer in
        write(number, buffer.baseAddress.map { $0 + written }, buffer.count - written)
      }
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { throw FileError(path: path, action: "write to it", code: errno) }
      written += count
    }
  }
}
