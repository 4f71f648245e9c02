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
