import Files

/// Why a file is not an image that can be read.
public struct ImageError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The file.
  public let file: String

  /// What is wrong, and what was expected.
  public let message: String

  /// Creates an error from its parts.
  public init(_ file: String, _ message: String) {
    self.file = file
    self.message = message
  }

  /// One line: the file and what is wrong.
  public var description: String { "\(file.terminalSafe): \(message)" }
}
