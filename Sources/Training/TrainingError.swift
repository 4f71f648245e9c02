/// Why training cannot begin or go on.
public enum TrainingError: Error, Equatable, CustomStringConvertible {
  /// The loss or a gradient is not finite; the last good state is kept.
  case diverged(epoch: Int, step: Int, rate: Double)
  /// A checkpoint was made by another recipe or on other data.
  case recipe(file: String, expected: String, found: String)
  /// A checkpoint lacks what is needed to go on, or holds nonsense.
  case checkpoint(file: String, problem: String)
  /// The data do not fit the network.
  case data(String)

  /// One line that says what to do about it.
  public var description: String {
    switch self {
    case .diverged(let epoch, let step, let rate):
      "training diverged in epoch \(epoch), step \(step): the loss is not a number; "
        + "try a smaller learning rate than \(rate)"
    case .recipe(let file, let expected, let found):
      "\(file): made by another recipe; asked for \"\(expected)\", found \"\(found)\""
    case .checkpoint(let file, let problem):
      "\(file): cannot be resumed: \(problem)"
    case .data(let problem):
      problem
    }
  }
}
