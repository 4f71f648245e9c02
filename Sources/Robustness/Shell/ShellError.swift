public import Models
public import Tensors

/// Why a run cannot begin.
public enum ShellError: Error, Hashable, CustomStringConvertible {
  /// The attack needs to know more than the model reveals.
  case knowledge(attack: String, needs: Knowledge, reveals: Knowledge)
  /// An example of another shape than the model's input.
  case shape(index: Int, given: Shape, expected: Shape)
  /// A goal that does not fit the model.
  case goal(index: Int, GoalError)
  /// An attack that looks for the nearest point, where training needs the largest loss.
  case search(attack: String)
  /// A change for many examples that is none for one of them.
  case shared(index: Int, given: Shape, expected: Shape)
  /// The system has no thread to give.
  case noThread

  /// One line that says what does not fit.
  public var description: String {
    switch self {
    case .knowledge(let attack, let needs, let reveals):
      "the attack '\(attack)' needs \(needs), but the model reveals only \(reveals)"
    case .shape(let index, let given, let expected):
      "example \(index) has the shape \(given), but the model takes \(expected)"
    case .goal(let index, let error): "example \(index): \(error)"
    case .search(let attack):
      "the attack '\(attack)' looks for the nearest change; training needs one that looks for the largest loss"
    case .shared(let index, let given, let expected):
      "a change of shape \(given) is none of example \(index), whose changes have the shape \(expected)"
    case .noThread: "the system has no thread to give"
    }
  }
}
