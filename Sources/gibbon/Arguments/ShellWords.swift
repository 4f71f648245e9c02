/// Commands as they are typed.
enum ShellWords {
  /// The words on one line, quoted where a shell would otherwise take them apart.
  static func line(_ words: [String]) -> String {
    words.map(quoted).joined(separator: " ")
  }

  /// The command that is running.
  static var ownCommand: String { line(["gibbon"] + CommandLine.arguments.dropFirst()) }

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
