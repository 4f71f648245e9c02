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

  /// One line that says what to do about it.
  public var description: String {
    switch self {
    case .diverged(let epoch, let step, let rate):
      "training diverged in epoch \(epoch) at step \(step), where the learning rate was \(rate): "
        + "the loss is no longer a finite number; try a smaller rate"
    case .attack(let step, let index, let problem):
      "the adversary failed at step \(step) on example \(index): \(problem)"
    case .recipe(let file, let expected, let found):
      "\(file): cannot be resumed: made by another recipe; expected \"\(expected)\", "
        + "found \"\(found)\""
    case .checkpoint(let file, let problem):
      "\(file): cannot be resumed: \(problem)"
    case .data(let problem):
      problem
    }
  }
}
