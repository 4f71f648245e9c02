import Files

/// What is wrong with a compressed file or an archive: where, and what was expected there.
public struct ArchiveError: Error, Hashable, Sendable {
  /// The ways in which a file can be refused.
  public enum Kind: Hashable, Sendable {
    /// The file cannot be opened or read.
    case unreadable
    /// The compressed data are damaged, cut short or followed by something else.
    case compression
    /// The data decompress to more than is allowed.
    case tooLarge
    /// The file does not follow its format, or uses a part of it that is not supported.
    case format
  }

  /// The way in which the file was refused.
  public let kind: Kind

  /// The file, or the entry of an archive.
  public let source: String

  /// The offset in bytes of the place in `source`, where there is one.
  public let offset: Int?

  /// What was found and what was expected.
  public let message: String

  /// Creates an error from its parts.
  public init(_ kind: Kind, in source: String, at offset: Int? = nil, _ message: String) {
    self.kind = kind
    self.source = source
    self.offset = offset
    self.message = message
  }
}

extension ArchiveError: CustomStringConvertible {
  /// One line: the source, the place and the message.
  public var description: String { ArchiveError.line(source, at: offset, message) }

  /// The line of every error of a file that is read: the source, the place in it and what is wrong there, with
  /// what files supply made safe for terminals.
  package static func line(_ source: String, at offset: Int?, _ message: String) -> String {
    "\(source): \(offset.map { "byte \($0): " } ?? "")\(message)".terminalSafe
  }
}
