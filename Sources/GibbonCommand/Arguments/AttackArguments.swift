import ArgumentParser
import Attacks
import Files
import Studies

/// The options of attacks, which differ from attack to attack and come from the catalogue.
enum AttackArguments {
  /// Splits `--name value`, `--name=value` and flags into options of an attack.
  static func parse(_ words: [String], for row: CatalogueRow) throws -> [String: String] {
    var photo: String?
    let options = try parse(words, for: row, photo: &photo)
    if let photo { throw unexpected(photo, row) }
    return options
  }

  /// The same, but for one word that belongs to no option, which is a photograph.
  static func parse(
    _ words: [String], for row: CatalogueRow, photo: inout String?
  ) throws -> [String: String] {
    var options: [String: String] = [:]
    var rest = words[...]
    while let word = rest.popFirst() {
      if photo == nil, !word.hasPrefix("-"), !word.isEmpty {
        photo = word
        continue
      }
      guard word.hasPrefix("--"), word.count > 2 else {
        throw unexpected(word, row)
      }
      var name = String(word.dropFirst(2))
      var value: String?
      if let sign = name.firstIndex(of: "=") {
        value = String(name[name.index(after: sign)...])
        name = String(name[..<sign])
      }
      let isFlag = row.parameters.contains { $0.name == name && $0.kind == .flag }
      if value == nil {
        if let next = rest.first, !next.hasPrefix("--"), !isFlag || Bool(next) != nil {
          value = rest.popFirst()
        } else if isFlag {
          // What follows may be a photograph, but hardly one that does not exist.
          if let next = rest.first, !next.hasPrefix("-"), !WholeFile.exists(next) {
            throw StudyError("--\(name) is '\(next)'; expected true or false, or nothing for true")
          }
          value = "true"
        }
      }
      guard let value else {
        guard let parameter = row.parameters.first(where: { $0.name == name }) else {
          throw OptionError.option(
            name, attack: row.name, known: row.parameters.map(\.name))
        }
        throw StudyError("--\(name) needs a value; expected \(parameter.expectation)")
      }
      guard options.updateValue(value, forKey: name) == nil else {
        throw StudyError("--\(name) is given twice; expected it once")
      }
    }
    return options
  }

  /// An error of the command's words, so that an option with one dash is answered with the right one.
  private static func unexpected(_ word: String, _ row: CatalogueRow) -> ValidationError {
    ValidationError(
      "unexpected argument '\(word)'; expected options of the attack '\(row.name)', such as "
        + "--\(row.parameters.first?.name ?? "steps")")
  }

  /// Where to find the attacks, for help texts.
  static let help = """
    `gibbon attacks` lists the attacks, and `gibbon attacks NAME` the options of one, which are given beside the \
    others here.
    """

  /// The options of an attack, a line each.
  static func options(of row: CatalogueRow) -> [String] {
    row.parameters.map { parameter in
      "  --\(parameter.name): \(parameter.summary), \(parameter.expectation)"
        + ((parameter.standard ?? parameter.rule?.words).map { "; \($0) by default" } ?? "")
    }
  }
}
