/// Why a goal does not fit a model.
public enum GoalError: Error, Hashable, CustomStringConvertible {
  /// A label or output that the model does not have.
  case output(Int, outputCount: Int)
  /// A goal about one of several classes, for a model with one output.
  case singleLogit
  /// A goal about a single logit, for a model with several outputs.
  case notSingleLogit(outputCount: Int)

  /// One line that says what does not fit.
  public var description: String {
    switch self {
    case .output(let output, let count):
      "the goal names output \(output), but the model has the outputs 0 to \(count - 1)"
    case .singleLogit:
      "the model has a single output; its goals are those of a single logit"
    case .notSingleLogit(let count):
      "the goal is about a single logit, but the model has \(count) outputs"
    }
  }
}
