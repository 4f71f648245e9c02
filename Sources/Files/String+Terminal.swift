extension String {
  /// The text on one line without control characters, which in a file name could drive a terminal.
  package var terminalSafe: String {
    guard unicodeScalars.contains(where: \.isUnsafeInTerminal) else { return self }
    var safe = String.UnicodeScalarView()
    for scalar in unicodeScalars {
      if scalar == "\n" || scalar == "\t" {
        safe.append(" ")
      } else {
        safe.append(scalar.isUnsafeInTerminal ? "\u{FFFD}" : scalar)
      }
    }
    return String(safe)
  }
}

extension Unicode.Scalar {
  fileprivate var isUnsafeInTerminal: Bool {
    switch properties.generalCategory {
    case .control, .lineSeparator, .paragraphSeparator: true
    // Overrides of writing direction can make one name look like another.
    case .format: (0x202A...0x202E).contains(value) || (0x2066...0x2069).contains(value)
    default: false
    }
  }
}
