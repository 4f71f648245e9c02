import Files

/// What is wrong with a pickle, in one line.
public struct PickleError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The file, as it was named to the reader.
  public let file: String

  /// The offset in bytes of the instruction that was refused.
  public let offset: Int

  /// What was found and what was expected.
  public let message: String

  /// The global that was asked for and is not among those allowed, if that is why.
  public let refused: PickleGlobal?

  /// Creates an error from its parts.
  public init(file: String, offset: Int, _ message: String, refused: PickleGlobal? = nil) {
    self.file = file
    self.offset = offset
    self.message = message
    self.refused = refused
  }

  /// The file, the place and what is wrong there.
  public var description: String {
    "\(file.terminalSafe): byte \(offset) of the pickle: \(String(message.terminalSafe.prefix(400)))"
  }
}
