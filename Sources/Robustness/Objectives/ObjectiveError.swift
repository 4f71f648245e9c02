/// Why an objective is not defined.
public enum ObjectiveError: Error, Hashable, CustomStringConvertible {
  /// The form needs more outputs than the model has.
  case tooFewOutputs(Loss, needed: Int, given: Int)
  /// The form is defined for goals about one class only.
  case undefined(Loss)

  /// One line that says what is missing and what works instead.
  public var description: String {
    switch self {
    case .tooFewOutputs(let loss, let needed, let given):
      "the objective '\(loss.rawValue)' needs at least \(needed) outputs and the model has"
        + " \(given); use 'margin' or 'cross-entropy'"
    case .undefined(let loss):
      "the objective '\(loss.rawValue)' is defined for goals about one class only; use 'margin'"
    }
  }
}
