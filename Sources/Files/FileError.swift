import Platform

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
