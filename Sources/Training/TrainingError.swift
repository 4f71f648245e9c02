import Files

/// Why training cannot begin or go on.
public enum TrainingError: Error, Equatable, CustomStringConvertible {
  /// The loss or a gradient is not finite; the last good state is kept.
  case diverged(epoch: Int, step: Int, rate: Double)
  /// The adversary's attack did not do its work on an example.
  case attack(step: Int, index: Int, String)
  /// A checkpoint was made by another recipe.
  case recipe(file: String, expected: String, found: String)
  /// A checkpoint lacks what is needed to go on, or holds nonsense.
  case checkpoint(file: String, problem: String)
  /// The data do not fit the network.
  case data(String)
  /// A name of what is not to be trained is that of no parameter, or everything is; the names there are.
  case frozen(String?, known: [String])

  /// One line that says what to do about it.
  public var description: String {
    switch self {
    case .diverged(let epoch, let step, let rate):
      "training diverged in epoch \(epoch) at step \(step) (learning rate \(rate)): the loss is not finite; try a"
        + " smaller rate"
    case .attack(let step, let index, let problem):
      "the adversary failed at step \(step) on example \(index): \(problem)"
    case .recipe(let file, let expected, let found):
      "\(file): cannot be resumed: made by another recipe; expected \"\(expected)\", "
        + "found \"\(found)\""
    case .checkpoint(let file, let problem):
      "\(file): cannot be resumed: \(problem)"
    case .data(let problem):
      problem
    case .frozen(let name?, let known):
      "there is no layer or parameter '\(name.terminalSafe)' to freeze\(name.suggestion(among: known)); there are "
        + known.prefix(12).joined(separator: ", ") + (known.count > 12 ? ", ..." : "")
    case .frozen(nil, _):
      "every layer is frozen; expected one to train"
    }
  }
}
