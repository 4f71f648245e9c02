import Platform

/// A regular file that is open for reading at any place, from any thread.
///
/// Places are read when they are asked for (`pread`) and nothing is kept, so that a file may be larger than
/// memory, and one that is cut short meanwhile is an error and not a crash, as it would be if it were mapped.
public final class RandomAccessFile: Sendable {
  /// The path as it was given.
  public let path: String

  /// The size in bytes when the file was opened.
  public let count: Int

  private let number: Int32

  /// Opens a file; a device, a pipe or a folder is refused, since it may never end.
  ///
  /// - Throws: `FileError` naming `path`, the step that failed and the system's reason.
  public init(path: String) throws(FileError) {
    let number = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard number >= 0 else { throw FileError(path: path, action: "read it", code: errno) }
    var status = stat()
    guard fstat(number, &status) == 0 else {
      let code = errno
      close(number)
      throw FileError(path: path, action: "read it", code: code)
    }
    guard status.st_mode & S_IFMT == S_IFREG else {
      close(number)
      if status.st_mode & S_IFMT == S_IFDIR {
        throw FileError(path: path, action: "read it", code: EISDIR)
      }
      throw FileError(path: path, action: "read a device or a pipe", code: ENOTSUP)
    }
    self.path = path
    self.number = number
    self.count = Int(status.st_size)
  }

  deinit { close(number) }

  /// Fills the whole buffer with the bytes from `offset` on.
  ///
  /// - Throws: `FileError` naming the file if the system cannot read it or it has become shorter.
  public func read(
    at offset: Int, into buffer: UnsafeMutableRawBufferPointer
  ) throws(FileError) {
    var filled = 0
    while filled < buffer.count {
      let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[filled...])
      let place = off_t(offset + filled)
      let received = pread(number, rest.baseAddress, min(rest.count, 1 << 30), place)
      if received < 0 && errno == EINTR { continue }
      guard received > 0 else {
        throw FileError(path: path, action: "read it", code: received < 0 ? errno : EIO)
      }
      filled += received
    }
  }

  /// The bytes at a range of places, or as many of them as the file has.
  ///
  /// - Throws: `FileError` as `read(at:into:)`.
  public func bytes(at range: Range<Int>) throws(FileError) -> [UInt8] {
    let range = range.clamped(to: 0..<count)
    guard MemoryRoom.has(range.count) else {
      throw FileError(path: path, action: "read it", code: ENOMEM)
    }
    var failure: FileError?
    let bytes = [UInt8](unsafeUninitializedCapacity: range.count) { buffer, filled in
      do throws(FileError) {
        try read(at: range.lowerBound, into: UnsafeMutableRawBufferPointer(buffer))
        filled = range.count
      } catch { failure = error }
    }
    if let failure { throw failure }
    return bytes
  }
}
