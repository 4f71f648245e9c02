import Robustness

/// The options of one attack, checked against its parameters.
public struct Options: Sendable, Hashable {
  private let values: [String: String]

  /// Checks the options given for an attack and fills in the others.
  ///
  /// - Throws: `OptionError` for an option the attack does not have or a value out of its range.
  init(
    _ given: [String: String], for parameters: [Parameter], of attack: String
  ) throws(OptionError) {
    var values: [String: String] = [:]
    for parameter in parameters { values[parameter.name] = parameter.standard }
    for (name, value) in given.sorted(by: { $0.key < $1.key }) {
      guard let parameter = parameters.first(where: { $0.name == name }) else {
        throw .option(name, attack: attack, known: parameters.map(\.name))
      }
      guard parameter.accepts(value) else {
        throw .value(value, option: name, expected: parameter.expectation)
      }
      values[name] = value
    }
    self.values = values
  }

  /// The number of an integer option.
  func integer(_ parameter: Parameter) -> Int {
    guard let value = values[parameter.name].flatMap({ Int($0) }) else {
      preconditionFailure("\(parameter.name) is not an integer of this attack")
    }
    return value
  }

  /// The value of a number option; `nil` if it is left to the attack.
  func number(_ parameter: Parameter) -> Double? {
    values[parameter.name].flatMap { Parameter.number($0) }
  }

  /// The value of a flag.
  func flag(_ parameter: Parameter) -> Bool { values[parameter.name] == "true" }

  /// The word of a choice; `nil` if it is left to the attack.
  func word(_ parameter: Parameter) -> String? { values[parameter.name] }

  /// The standard loss that was chosen.
  var loss: Loss {
    values[Parameter.objective.name].flatMap(Loss.init(rawValue:)) ?? .crossEntropy
  }
}
