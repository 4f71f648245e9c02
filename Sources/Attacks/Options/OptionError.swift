import Files

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
