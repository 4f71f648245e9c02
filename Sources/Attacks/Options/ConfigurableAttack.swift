import Files
public import Robustness

/// An attack with options: properties with names, ranges and words, from which its command line is made.
///
///     let attack = PGD { $0.steps = 100 }
public protocol ConfigurableAttack: Attack {
  /// Creates the attack with its standard options.
  init()

  /// The options, in the order in which they are listed.
  static var options: [AttackOption<Self>] { get }
}

extension ConfigurableAttack {
  /// Creates the attack with other options than the standard ones.
  public init(_ change: (inout Self) -> Void) {
    self.init()
    change(&self)
  }

  /// Creates the attack from text, as the command line has it.
  ///
  /// - Parameter settings: Values by the names of options; those left out are the standard ones.
  /// - Throws: `OptionError` for an option that the attack does not have or a value out of its range.
  public init(settings: [String: String]) throws(OptionError) {
    self.init()
    for (name, text) in settings.sorted(by: { $0.key < $1.key }) {
      guard let option = Self.options.first(where: { $0.parameter.name == name }) else {
        throw .option(name, attack: Self.name, known: Self.parameters.map(\.name))
      }
      guard option.parameter.accepts(text) else {
        throw .value(text, option: name, expected: option.parameter.expectation)
      }
      option.read(text, &self)
    }
  }

  /// What is known of each option without an attack at hand.
  public static var parameters: [Parameter] { options.map(\.parameter) }

  /// The options with their values as text, in the order of the table, but for those that are left to the attack.
  ///
  /// From these `init(settings:)` makes the same attack again.
  public var settings: [(name: String, text: String)] {
    Self.options.compactMap { option in
      option.text(self).map { (option.parameter.name, $0) }
    }
  }

  /// The settings that are not the standard ones, and those that are to be told all the same.
  ///
  /// - Parameter stated: The names of the latter.
  /// - Returns: The settings, in the order of the table.
  public func settings(stating stated: Set<String>) -> [(name: String, text: String)] {
    let standard = Dictionary(
      uniqueKeysWithValues: Self.parameters.map { ($0.name, $0.standard) })
    precondition(
      stated.allSatisfy { standard[$0] != nil }, "the attack '\(Self.name)' has other options")
    return settings.filter { stated.contains($0.name) || standard[$0.name] != $0.text }
  }
}

/// Why an attack cannot be built from the command line.
public enum OptionError: Error, Hashable, CustomStringConvertible {
  /// No attack of that name; the names there are.
  case attack(String, known: [String])
  /// The attack has no such option; those it has.
  case option(String, attack: String, known: [String])
  /// A value that the option does not take: what is expected.
  case value(String, option: String, expected: String)

  /// One line that says what was given and what is expected.
  public var description: String {
    switch self {
    case .attack(let name, let known):
      "there is no attack '\(name)'\(name.suggestion(among: known)); there are "
        + known.joined(separator: ", ")
    case .option(let name, let attack, let known):
      "the attack '\(attack)' has no option --\(name)"
        + "\(name.suggestion(among: known, prefix: "--")); it has "
        + known.map { "--" + $0 }.joined(separator: ", ")
    case .value(let value, let option, let expected):
      "--\(option) is '\(value)'; expected \(expected)"
    }
  }
}
