import Settings
import Reports
package import Attacks
package import JSON
package import Robustness

/// An attack by its name, with the value of each of its options.
package struct AttackSettings: Sendable {
  /// The value of one option.
  package struct Option: Sendable {
    /// What it is called.
    package let name: String
    /// As it was written, or what the attack takes instead, in words where it is not one number.
    package let text: String
    /// The same as a value of JSON.
    package let json: JSONValue
  }

  /// The attack's name in the catalogue.
  package let name: String
  /// The options in the order of the catalogue.
  package let settings: [Option]

  /// Gathers what was given and what is taken for the rest.
  ///
  /// - Parameters:
  ///   - row: The attack.
  ///   - options: What was given.
  ///   - threat: What the numbers that depend on the radius are about; without one, or with one of several parts, they
  ///     are told in words.
  package init(_ row: CatalogueRow, _ options: [String: String], threat: ThreatReference? = nil) {
    name = row.name
    func text(_ name: String) -> String? {
      options[name] ?? row.parameters.first { $0.name == name }?.standard
    }
    let steps = text("steps").flatMap { Int($0) } ?? 1
    settings = row.parameters.compactMap { parameter in
      if let text = text(parameter.name) {
        return Option(
          name: parameter.name, text: text, json: AttackSettings.json(text, parameter.kind))
      }
      guard let rule = parameter.rule else { return nil }
      if let norm = threat?.norm, let radius = threat?.radius,
        let value = rule.value(radius: radius, norm: norm, steps: steps)
      {
        return Option(
          name: parameter.name, text: Format.significant(value, digits: 6), json: JSONValue(value))
      }
      return Option(name: parameter.name, text: rule.words, json: JSONValue(rule.words))
    }
  }

  /// The attack with its options, such as `pgd (steps 40, step-size 0.01)`.
  package var description: String {
    settings.isEmpty
      ? name
      : "\(name) (\(settings.map { "\($0.name) \($0.text)" }.joined(separator: ", ")))"
  }

  /// The options by their names; numbers as numbers.
  package var json: JSONValue {
    var object = JSONObject()
    for setting in settings { object[setting.name] = setting.json }
    return .object(object)
  }

  private static func json(_ text: String, _ kind: Parameter.Kind) -> JSONValue {
    switch kind {
    case .integer: JSONValue(Int(text))
    case .number: JSONValue(Parameter.number(text))
    case .flag: JSONValue(text == "true")
    case .choice: JSONValue(text)
    }
  }

  /// An attack with the options that were given, in words, as trainings keep it: what it chooses by itself is not
  /// named.
  package static func describe(_ row: CatalogueRow, _ options: [String: String]) -> String {
    let settings = row.parameters.compactMap { parameter in
      (options[parameter.name] ?? parameter.standard).map { "\(parameter.name) \($0)" }
    }
    return describe(row.name, settings)
  }

  /// An attack with all its options in words.
  package static func describe(_ attack: any ConfigurableAttack) -> String {
    describe(type(of: attack).name, attack.settings.map { "\($0.name) \($0.text)" })
  }

  private static func describe(_ name: String, _ settings: [String]) -> String {
    settings.isEmpty ? name : "\(name) (\(settings.joined(separator: ", ")))"
  }

  /// The words that give an attack its options: those that are not the standard ones, and those that are to be told
  /// all the same.
  package static func words(for attack: any ConfigurableAttack, stating stated: Set<String> = [])
    -> [String]
  {
    attack.settings(stating: stated).flatMap { name, text in
      let option = Setting.spelling(ofOption: name)
      return text == "true" ? [option] : [option, text]
    }
  }
}
