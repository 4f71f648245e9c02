import Files
import Platform
import Remote

/// What people read while the command runs.
enum Terminal {
  /// Whether standard error is a terminal, so that a line may be overwritten.
  static let showsProgress = isatty(STDERR_FILENO) == 1

  /// The width of lines that is asked for by the variable COLUMNS, or of the terminal that standard output is, if any.
  static var columns: Int? {
    if let text = getenv("COLUMNS"), let width = Int(String(cString: text)), width > 0 {
      return width
    }
    var size = winsize()
    guard isatty(STDOUT_FILENO) == 1, ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0 else {
      return nil
    }
    return size.ws_col > 0 ? Int(size.ws_col) : nil
  }

  /// One line about what was wrong.
  static func error(_ message: String) {
    let line = Address.hidden(in: message).split(whereSeparator: \.isNewline).joined(separator: " ")
      .terminalSafe
    try? write("gibbon: \(line)\n", to: STDERR_FILENO)
  }

  /// One line about what may be wrong.
  static func warning(_ message: String) {
    let line = Address.hidden(in: message).split(whereSeparator: \.isNewline).joined(separator: " ")
      .terminalSafe
    try? write("gibbon: warning: \(line)\n", to: STDERR_FILENO)
  }

  /// One line about what is going on.
  static func note(_ message: String) {
    try? write(Address.hidden(in: message).terminalSafe + "\n", to: STDERR_FILENO)
  }

  /// The result, on standard output; what files supply in it can neither drive a terminal nor deceive.
  ///
  /// - Throws: `FileError` if it cannot be written, as on a full disk.
  static func print(_ result: String) throws {
    do {
      try write(result.terminalSafeLines + "\n", to: STDOUT_FILENO)
    } catch {
      throw FileError(path: outputName, action: "write the result", code: error.code)
    }
  }

  /// What standard output is called in errors.
  fileprivate static let outputName = "standard output"

  /// Replaces the last line.
  static func overwrite(_ message: String) {
    try? write("\r\u{1B}[2K" + message.terminalSafe, to: STDERR_FILENO)
  }

  private struct WriteError: Error { let code: Int32 }

  private static func write(_ text: String, to descriptor: Int32) throws(WriteError) {
    let bytes = Array(text.utf8)
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { systemWrite(descriptor, $0.baseAddress, $0.count) }
      let code = errno
      if count < 0 && code == EINTR { continue }
      guard count > 0 else { throw WriteError(code: code) }
      rest = rest.dropFirst(count)
    }
  }
}

extension FileError {
  /// Whether nobody reads standard output any more.
  var isClosedOutput: Bool { path == Terminal.outputName && code == EPIPE }
}

private let systemWrite = Platform.write
