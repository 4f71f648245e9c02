import Files
import Attacks
import ArgumentParser

/// The names of options, to find the one that a misspelt word was meant to be.
enum OptionNames {
  /// The first option on the command line that there is not, with the one that was probably meant.
  ///
  /// - Parameters:
  ///   - verb: The verb, if there is one.
  ///   - words: The words behind it.
  /// - Returns: Both, with dashes; `nil` where every option is one or is like none.
  static func misspelt(
    of verb: (any ParsableCommand.Type)?, in words: [String]
  ) -> (written: String, meant: String)? {
    var known = names(of: verb ?? Gibbon.self)
    // Options of attacks stand among those of the verbs that run one.
    if verb == AttackCommand.self || verb == TrainCommand.self {
      known += Catalogue.all.flatMap { $0.parameters.map(\.name) }
    }
    let all = Set(known)
    for word in words.prefix(while: { $0 != "--" }) where word.hasPrefix("--") {
      let name = word.dropFirst(2).prefix { $0 != "=" }
      guard !all.contains(String(name)), let near = String(name).nearest(among: all.sorted())
      else { continue }
      return ("--\(name)", "--\(near)")
    }
    return nil
  }

  /// The long names of a verb's options, as its help lists them.
  static func names(of verb: any ParsableCommand.Type) -> [String] {
    verb.helpMessage(includeHidden: true, columns: 10_000).matches(of: #/--([a-z0-9][a-z0-9-]*)/#)
      .map {
        String($0.1)
      }
  }
}
