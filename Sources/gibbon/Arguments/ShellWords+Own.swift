import Remote
import Studies
extension ShellWords {
  /// The words of the command that is running, but for what headers say and what is secret in addresses, while results are for others to read.
  static var ownWords: [String] {
    var words = ["gibbon"]
    for word in CommandLine.arguments.dropFirst() {
      if words.last == "--header" || word.hasPrefix("--header=") {
        words.append(word.prefix { $0 != ":" } + ": ...")
      } else {
        words.append(
          word.hasPrefix("http://") || word.hasPrefix("https://")
            ? Address(word).shown : Address.hidden(in: word))
      }
    }
    return words
  }
}
