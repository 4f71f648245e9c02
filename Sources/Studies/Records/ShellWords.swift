package import JSON

/// Commands as they are typed.
package enum ShellWords {
  /// The words on one line, quoted where a shell would otherwise take them apart.
  package static func line(_ words: [String]) -> String {
    words.map(quoted).joined(separator: " ")
  }

  /// The words on lines of at most 72 characters where possible, broken before options.
  package static func lines(_ words: [String]) -> String {
    var lines: [String] = []
    var current = ""
    var rest = words[...]
    while let word = rest.popFirst() {
      var group = quoted(word)
      // An option stays with its value.
      if word.hasPrefix("--"), let value = rest.first, !value.hasPrefix("--") {
        group += " " + quoted(value)
        rest.removeFirst()
      }
      if current.isEmpty {
        current = group
      } else if current.count + group.count < 70 {
        current += " " + group
      } else {
        lines.append(current + " \\")
        current = "  " + group
      }
    }
    return (lines + [current]).joined(separator: "\n")
  }

  /// A command as records have it; null if there is none.
  package static func json(_ words: [String]) -> JSONValue {
    words.isEmpty ? .null : JSONValue(line(words))
  }

  private static func quoted(_ word: String) -> String {
    let isPlain =
      !word.isEmpty
      && word.unicodeScalars.allSatisfy { scalar in
        scalar.properties.isAlphabetic || ("0"..."9").contains(scalar)
          || "-_./:,=@%+".unicodeScalars.contains(scalar)
      }
    return isPlain
      ? word
      : "'"
        + word.split(separator: "'", omittingEmptySubsequences: false)
        .joined(separator: "'\\''") + "'"
  }
}
