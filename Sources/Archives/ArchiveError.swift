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

/// What often lies in the place of a file: a page that a server sent instead of it, or a pointer to it.
package struct StandIn: Hashable, Sendable {
  /// What it is, to follow "is".
  package let words: String

  /// How one comes to the file itself, with FILE where its path belongs.
  package let remedy: String

  private init(_ words: String, _ remedy: String) {
    self.words = words
    self.remedy = remedy
  }

  private static let page = StandIn(
    "a page of HTML, as servers send it instead of a file",
    "download the file again, from the address behind its download button")
  private static let pointer = StandIn(
    "a pointer of Git LFS and not the file itself",
    "fetch that: `git lfs pull` in its repository")
  private static let annexed = StandIn(
    "a pointer of git-annex and not the file itself", "fetch that: `git annex get FILE`")

  /// Looks at the beginning of a file, some hundred bytes of it; `nil` if it is nothing of the kind.
  package init?(start: some Collection<UInt8>) {
    let text = String(decoding: start.prefix(2000), as: UTF8.self)
      .drop { $0.isWhitespace || $0 == "\u{FEFF}" }
    let lower = text.lowercased()
    if lower.hasPrefix("<!doctype html") || lower.hasPrefix("<html")
      || (lower.hasPrefix("<?xml") && lower.contains("<html"))
    {
      self = .page
    } else if text.hasPrefix("version https://git-lfs.github.com/") {
      self = .pointer
    } else if text.hasPrefix("/annex/objects/") || text.prefix(300).contains(".git/annex/objects/")
    {
      self = .annexed
    } else {
      return nil
    }
  }

  /// What a file is, what was expected, and what helps, to follow the file's name.
  package func refusal(of path: String, expected: String) -> String {
    "is \(words), expected \(expected); \(remedy.replacing("FILE", with: path))"
  }
}
