/// Something that a study cannot work with, in one line that says what was given and what was expected.
public struct StudyError: Error, CustomStringConvertible {
  /// The line.
  public let description: String

  /// An error with its line.
  public init(_ description: String) { self.description = description }
}

/// The end of a study before its time, with what is kept of it.
public struct StudyInterrupted: Error, CustomStringConvertible {
  /// What happened, what is kept where, and how to go on.
  public let description: String

  /// An end with what is said of it.
  public init(description: String) { self.description = description }
}
