public import Robustness
public import Tensors

/// Why an attack cannot be run on a problem.
public enum AttackError: Error, Hashable, CustomStringConvertible {
  /// The attack is not written for a norm; those it is written for. The norm is `nil` for threats without one.
  case norm(Norm?, attack: String, known: [Norm])
  /// The attack works on pictures, channels x height x width, and the input is of another shape.
  case notAPicture(Shape, attack: String)

  /// One line that says what was given and what is expected.
  public var description: String {
    switch self {
    case .norm(let norm, let attack, let known):
      "the attack '\(attack)' is not written for \(norm?.rawValue ?? "this threat"); it is for "
        + known.map(\.rawValue).joined(separator: ", ")
    case .notAPicture(let shape, let attack):
      "the attack '\(attack)' works on pictures, channels x height x width, and the input is"
        + " \(shape)"
    }
  }
}
