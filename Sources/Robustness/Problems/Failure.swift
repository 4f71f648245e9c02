public import Models
public import Tensors

/// Why an attack did not do its work on one example.
///
/// The rest of the outcome stands all the same.
public enum Failure: Error, Sendable, Hashable, CustomStringConvertible {
  /// It threw; the text describes the error.
  case threw(String)
  /// It neither asked the model nor returned for as long as the shell waits.
  case stalled
  /// It asked for more passes than it declares.
  case overBudget(Passes)
  /// It asked for more than it declares, or than the model reveals.
  case notRevealed(Knowledge)
  /// It returned a point with NaN.
  case notANumber
  /// It returned or asked about a point of a wrong shape.
  case wrongShape(given: Shape, expected: Shape)
  /// It returned a point outside the threat.
  case outside
  /// It was not run, because it had stalled on too many examples before this one.
  case notAttempted

  /// One line that says what went wrong.
  public var description: String {
    switch self {
    case .threw(let error): "the attack threw: \(error)"
    case .stalled: "the attack stalled"
    case .overBudget(let budget):
      "the attack asked for more than the \(budget.forward) forward and \(budget.backward)"
        + " backward passes it declares"
    case .notRevealed(let knowledge): "the attack asked for \(knowledge), which it may not see"
    case .notANumber: "the attack returned a point that is not a number"
    case .wrongShape(let given, let expected):
      "the attack gave a point of shape \(given) where \(expected) is expected"
    case .outside: "the attack returned a point outside the threat"
    case .notAttempted: "not attempted: the attack stalled on too many examples"
    }
  }
}
