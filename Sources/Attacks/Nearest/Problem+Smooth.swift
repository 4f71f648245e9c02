import Robustness

extension Problem {
  /// The cross-entropy, or the margin for goals that have none.
  func smoothObjective(outputCount: Int) throws -> any Objective {
    do {
      return try objective(.crossEntropy, outputCount: outputCount)
    } catch ObjectiveError.undefined {
      return try objective(.margin, outputCount: outputCount)
    }
  }
}
