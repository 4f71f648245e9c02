import Settings
public import Tensors

/// Why an attack cannot be run on a problem.
public enum AttackError: Error, Hashable, CustomStringConvertible {
  /// The attack is not written for a norm; those it is written for. The norm is `nil` for threats without one.
  case norm(Norm?, attack: String, known: [Norm])
  /// The attack works on pictures, channels x height x width, and the input is of another shape.
  case notAPicture(Shape, attack: String)
  /// The attack is written for another kind of threat.
  case threat(attack: String, expected: String)
  /// The attack moves one parameter, but the threat has another number.
  case parameters(attack: String, count: Int)
  /// A grid of too many points.
  case grid(coordinates: Int, values: Int, limit: Int)

  /// One line that says what was given and what is expected.
  public var description: String {
    switch self {
    case .threat(let attack, let expected):
      "the attack '\(attack)' is not written for this threat; expected \(expected)"
    case .parameters(let attack, let count):
      "the attack '\(attack)' moves one number, but the threat has \(count); expected rotation, hue, saturation,"
        + " brightness, contrast, fog or blur"
    case .grid(let coordinates, let values, let limit):
      "a grid of \(values) values for each of \(coordinates) numbers has more than \(limit) points; expected a threat"
        + " of few parameters, such as rotation:30+shift:3, or fewer \(Setting.values)"
    case .norm(let norm, let attack, let known):
      "the attack '\(attack)' is not written for \(norm?.rawValue ?? "this threat"); it is for "
        + known.map(\.rawValue).joined(separator: ", ")
    case .notAPicture(let shape, let attack):
      "the attack '\(attack)' works on pictures, channels x height x width, and the input is"
        + " \(shape)"
    }
  }
}
