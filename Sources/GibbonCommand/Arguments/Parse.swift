import ArgumentParser
import Attacks
import Corruptions
import Datasets
import Evaluation
import Files
import Networks
import Robustness
import Settings
import Studies

/// Readers of the values of options, which say what they expect.
///
/// Options that use them take the next word whatever it is, since a negative number looks like an option.
enum Parse {
  /// A whole number.
  static func integer(_ text: String) throws -> Int {
    guard let value = Int(text) else { throw StudyError("expected a whole number") }
    return value
  }

  /// A seed.
  static func seed(_ text: String) throws -> UInt64 {
    guard let value = UInt64(text) else {
      throw StudyError("expected a whole number from 0 to \(UInt64.max)")
    }
    return value
  }

  /// Any number.
  static func number(_ text: String) throws -> Double {
    guard let value = Double(text) else { throw StudyError("expected a number") }
    return value
  }

  /// Whole numbers joined by commas.
  static func positions(_ text: String, of setting: Setting) throws -> [Int] {
    try text.split(separator: ",", omittingEmptySubsequences: false).map { word in
      guard let number = Int(word) else {
        throw StudyError("\(setting) is '\(text)'; expected whole numbers joined by commas")
      }
      return number
    }
  }

  /// Checks settings; what is wrong is an error of the command's words.
  static func check(_ work: () throws -> Void) throws {
    do { try work() } catch let error as StudyError { throw ValidationError(error.description) }
  }
}

/// What shells complete names to, by the scripts of `--generate-completion-script`.
enum Completions {
  /// The attacks.
  static let attacks = CompletionKind.list(Catalogue.all.map(\.name))

  /// The attacks of an evaluation.
  static let suites = CompletionKind.list(Suite.standardNames + Catalogue.rows.map(\.name))

  /// The corruptions.
  static let corruptions = CompletionKind.list(
    ["all", "common"] + CorruptionRow.all.map(\.name))

  /// The architectures.
  static let architectures = CompletionKind.list(Architecture.all.map(\.name))

  /// The recipes that are built in, and files.
  static let recipes = CompletionKind.custom { _, _, prefix in
    names(BuiltInRecipe.all.map(\.name), prefix)
  }

  /// The threats, whose amounts follow.
  static let threats = CompletionKind.list(ThreatTerm.Kind.names.map { $0 + ":" })

  /// The data sets, and what files follow.
  static let data = CompletionKind.list(
    ["mnist:test", "mnist:train", "cifar10:test@", "cifar10:train@", "cifar100:test@"]
      + DataReference.schemes.filter { !$0.hasPrefix("mnist") && !$0.hasPrefix("cifar") }
      .map { $0 + ":" })

  /// The goals.
  static let goals = CompletionKind.list(["miss", "miss:", "class:", "decision", "leave:"])

  /// The networks that are built in, and files.
  static let models = CompletionKind.custom { _, _, prefix in
    names(BuiltInNetwork.allCases.map(\.rawValue), prefix)
  }

  /// The same, and architectures.
  static let modelsAndArchitectures = CompletionKind.custom { _, _, prefix in
    names(BuiltInNetwork.allCases.map(\.rawValue) + Architecture.all.map(\.name), prefix)
  }

  /// Some names, and the files and folders that begin like a word.
  private static func names(_ names: [String], _ prefix: String) -> [String] {
    let folder = prefix.lastIndex(of: "/").map { String(prefix[...$0]) } ?? ""
    let files = (try? Folder.names(in: folder.isEmpty ? "." : folder)) ?? []
    let found = files.filter { !$0.hasPrefix(".") }.map { name in
      folder + name + (Folder.exists(folder + name) ? "/" : "")
    }
    return (names + found).filter { $0.hasPrefix(prefix) }
  }
}

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
    for word in words.prefix(while: { $0 != "--" }) where word.hasPrefix("-") {
      // Long options need two dashes; numbers may have one.
      let dashes = word.hasPrefix("--") ? "--" : "-"
      let name = word.dropFirst(dashes.count).prefix { $0 != "=" }
      guard name.first?.isLetter == true, dashes == "-" || !all.contains(String(name)),
        let near = meant(by: String(name), among: known)
      else { continue }
      return ("\(dashes)\(name)", "--\(near)")
    }
    return nil
  }

  /// The option that a name elsewhere stands for, with how its value is written, or else the nearest.
  static func meant(by name: String, among known: [String]) -> String? {
    guard let meaning = OtherNames.meaning(of: name, among: known) else {
      return name.nearest(among: Set(known).sorted())
    }
    return meaning.words(separatedBy: " ")
  }

  /// The long names of a verb's options, as its help lists them.
  static func names(of verb: any ParsableCommand.Type) -> [String] {
    verb.helpMessage(includeHidden: true, columns: 10_000).matches(of: #/--([a-z0-9][a-z0-9-]*)/#)
      .map {
        String($0.1)
      }
  }
}
