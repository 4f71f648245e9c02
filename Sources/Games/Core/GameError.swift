/// Something that a game or a solver cannot work with, in one line that says what was given and what was expected.
public struct GameError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The line.
  public let description: String

  /// An error with its line.
  public init(_ description: String) { self.description = description }
}
