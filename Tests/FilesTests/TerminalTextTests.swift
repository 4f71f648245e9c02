import Files
import Testing

/// Texts from files on terminals.
@Suite struct TerminalTextTests {
  /// All controls, ends of lines and marks of direction.
  static let marks: [Unicode.Scalar] =
    (Array(0...0x1F) + Array(0x7F...0x9F) + [0x061C, 0x200E, 0x200F] + Array(0x2028...0x202E)
    + Array(0x2066...0x2069)).compactMap { Unicode.Scalar(UInt32($0)) }

  @Test func everyMarkIsReplaced() {
    for mark in TerminalTextTests.marks {
      let text = "a\(mark)b"
      let expected: Unicode.Scalar = mark == "\n" || mark == "\t" ? " " : "\u{FFFD}"
      #expect(text.terminalSafe == "a\(expected)b", "\(mark.value)")
      #expect(text.terminalSafeLines == (mark == "\n" ? text : text.terminalSafe))
    }
  }

  @Test func allElseStays() {
    for text in [
      "", "plain", "Größe 猫 😀", "e\u{301}", "👩\u{200D}🔬", "שלום",
      "\u{2027}\u{202F}\u{2065}\u{206A}",
    ] {
      #expect(text.terminalSafe == text)
      #expect(text.terminalSafeLines == text)
    }
  }

  @Test func anEndOfALineMakesNoNewOneOfOurs() {
    #expect(
      ["a\nrobust accuracy 100 %", "b\r\nc"].safeLines == "a robust accuracy 100 %\nb\u{FFFD} c")
  }
}
