import Platform

/// Owns one open descriptor, so that every way out of a function closes it.
struct FileDescriptor: ~Copyable {
  private let number: Int32

  init(opening path: String, flags: Int32, mode: mode_t = 0) throws(SystemError) {
    var opened: Int32 = -1
    repeat { opened = open(path, flags | O_CLOEXEC, mode) } while opened < 0 && errno == EINTR
    guard opened >= 0 else { throw SystemError() }
    number = opened
  }

  deinit { _ = close(number) }

  /// Writes everything, however many calls that takes.
  borrowing func write(_ bytes: [UInt8]) throws(SystemError) {
    var written = 0
    while written < bytes.count {
      // Linux transfers at most 2 GiB a call and Darwin refuses more.
      let size = min(bytes.count - written, 1 << 30)
      let count = bytes.withUnsafeBytes { buffer in
        systemWrite(number, buffer.baseAddress.map { $0 + written }, size)
      }
      if count < 0 {
        if errno == EINTR { continue }
        throw SystemError()
      }
      // A device that accepts nothing and reports no error would otherwise be asked for ever.
      guard count > 0 else { throw SystemError(code: EIO) }
      written += count
    }
  }

  /// Sends the data to the disk.
  borrowing func synchronize() throws(SystemError) {
    var status: Int32 = 0
    repeat { status = fsync(number) } while status != 0 && errno == EINTR
    // Some file systems have nothing to synchronise and say so with these.
    guard status == 0 || [EINVAL, ENOTSUP, ENOSYS].contains(errno) else { throw SystemError() }
  }

  /// Makes writing wait where there is no room, if it was opened otherwise.
  borrowing func waitWhenFull() throws(SystemError) {
    let flags = fcntl(number, F_GETFL)
    guard flags >= 0, fcntl(number, F_SETFL, flags & ~O_NONBLOCK) == 0 else { throw SystemError() }
  }

  borrowing func setMode(_ mode: mode_t) throws(SystemError) {
    guard fchmod(number, mode) == 0 else { throw SystemError() }
  }

  /// Locks the file as long as it is open under this number or the new one; where the file system has no locks, it has
  /// nothing that others could take for one that nobody holds.
  borrowing func lock() -> Int32 {
    let second = fcntl(number, F_DUPFD_CLOEXEC, 0)
    while flock(number, LOCK_EX) != 0 && errno == EINTR {}
    return second
  }

  /// Whether the file still has a name.
  var isLinked: Bool {
    var status = stat()
    return fstat(number, &status) != 0 || status.st_nlink > 0
  }

  /// Closes and reports the failure, which is where some file systems first say that the disk is
  /// full.
  consuming func closeChecked() throws(SystemError) {
    let status = close(number)
    let code = errno
    discard self
    // After EINTR the descriptor is gone on Linux, and the data was already synchronised.
    guard status == 0 || code == EINTR else { throw SystemError(code: code) }
  }
}

/// Outside the type, whose own `write` would hide the system's.
private func systemWrite(_ number: Int32, _ start: UnsafeRawPointer?, _ count: Int) -> Int {
  write(number, start, count)
}

/// The system's error number at the moment a call failed, before any other call can change it.
struct SystemError: Error {
  let code: Int32

  init(code: Int32 = errno) { self.code = code }
}

/// A file operation that the system refused, described in one line.
public struct FileError: Error, Hashable, Sendable {
  /// The path as the caller gave it.
  public let path: String

  /// What was attempted, as a verb phrase such as `write the data`.
  public let action: String

  /// The system's error number, such as `ENOSPC`.
  public let code: Int32

  /// Creates an error from what was attempted on a path and the system's error number.
  public init(path: String, action: String, code: Int32) {
    self.path = path
    self.action = action
    self.code = code
  }
}

extension FileError: CustomStringConvertible {
  /// The system's reason.
  public var reason: String { strerror(code).map { String(cString: $0) } ?? "error \(code)" }

  /// One line: the path, what was attempted and the system's reason.
  public var description: String {
    "\(path.terminalSafe): cannot \(action): \(reason)"
  }
}
