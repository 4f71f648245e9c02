import Files

/// Why words name no training method.
public enum MethodError: Error, Hashable, CustomStringConvertible {
  /// There is no such method.
  case unknown(String, known: [String])
  /// The method has no such option.
  case unknownOption(String, method: String, known: [String])
  /// An option is given twice.
  case twice(String, method: String)
  /// An option has a value that it cannot have.
  case value(String, option: String, method: String, expected: ClosedRange<Double>)
  /// An option that is a text has none.
  case text(option: String, method: String, expected: String)
  /// The method needs a helper network.
  case needsHelper
  /// A helper network cannot be loaded here.
  case noHelper(String)
  /// The method needs a threat.
  case needsThreat(String)
  /// The method needs an L-infinity ball.
  case needsCube(String)
  /// The method bounds what a ball contains.
  case needsBall(String)
  /// The method draws from a threat that is no ball.
  case needsMotion(String)
  /// The method has no use for a threat.
  case needsNoThreat(String)
  /// The method searches by itself.
  case needsNoAttack(String)
  /// The threat has one form only.
  case noAlternatives(String)

  /// One line that says what is expected.
  public var description: String {
    switch self {
    case .unknown(let name, let known):
      "there is no training method '\(name)'\(name.suggestion(among: known)); there are "
        + known.joined(separator: ", ")
    case .unknownOption(let name, let method, let known):
      "the training method \(method) has no option '\(name)'\(name.suggestion(among: known)); "
        + (known.isEmpty ? "it has none" : "it has " + known.joined(separator: ", "))
    case .twice(let name, let method):
      "the training method \(method) is given \(name) twice; expected one value"
    case .value(let text, let option, let method, let expected):
      "the training method \(method): \(option) is '\(text)'; expected \(expected.lowerBound) to \(expected.upperBound)"
    case .text(let option, let method, let expected):
      "the training method \(method): \(option) is empty; expected \(expected)"
    case .needsHelper:
      "this training method needs a helper network; expected hat:helper=FILE, or the name of a built-in network"
    case .noHelper(let name):
      "the helper network '\(name)' cannot be loaded here; expected a way to load it, or HelperTraining itself"
    case .needsThreat(let name):
      "the training method \(name) needs a threat, such as linf:0.3"
    case .needsCube(let words):
      "the threat is \(words); this training method is for L-infinity balls, such as linf:0.3"
    case .needsBall(let words):
      "the threat is \(words); this training method is for balls, such as linf:0.3"
    case .needsMotion(let words):
      "the threat is \(words); this training method is for one that is no ball, such as rotation:30+shift:3"
    case .needsNoThreat(let name):
      "the training method \(name) has no adversary; expected no threat, or another method"
    case .needsNoAttack(let name):
      "the training method \(name) has an attack of its own, expected no other; `gibbon info \(name)` lists its options"
    case .noAlternatives(let words):
      "the threat is \(words); this training method needs alternatives, such as linf:0.3|l2:2"
    }
  }
}
