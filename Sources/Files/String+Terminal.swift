extension String {
  /// The text on one line without characters that could drive a terminal or deceive whoever reads it there.
  package var terminalSafe: String { harmless(keepingLines: false) }

  /// The same for a text of several lines, which stay apart.
  package var terminalSafeLines: String { harmless(keepingLines: true) }

  private func harmless(keepingLines: Bool) -> String {
    // Most texts are plain ASCII, which takes no look at Unicode's tables.
    guard utf8.contains(where: { !(0x20..<0x7F ~= $0) }),
      unicodeScalars.contains(where: \.isUnsafeInText)
    else { return self }
    var safe = String.UnicodeScalarView()
    for scalar in unicodeScalars {
      switch scalar {
      case "\n": safe.append(keepingLines ? scalar : " ")
      case "\t": safe.append(" ")
      default: safe.append(scalar.isUnsafeInText ? "\u{FFFD}" : scalar)
      }
    }
    return String(safe)
  }
}

extension Unicode.Scalar {
  /// Whether a text from outside should not show the character as it is: controls of the terminal, ends of lines and
  /// marks of writing direction, which can make one name look like another.
  package var isUnsafeInText: Bool {
    switch value {
    case 0...0x1F, 0x7F...0x9F: true
    case 0x061C, 0x200E, 0x200F, 0x2028...0x202E, 0x2066...0x2069: true
    default: false
    }
  }
}

extension Sequence<String> {
  /// Texts that may come from files, each on a line of its own.
  package var safeLines: String { map(\.terminalSafe).joined(separator: "\n") }
}
