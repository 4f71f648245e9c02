/// The standard objectives, by the names the command line uses.
public enum Loss: String, Sendable, Hashable, CaseIterable {
  /// The cross-entropy of the label, or minus that of the target.
  case crossEntropy = "cross-entropy"
  /// The margin of the goal itself (Carlini and Wagner).
  case margin
  /// The margin relative to the spread of the largest outputs (Croce and Hein).
  case dlr

  /// The objective of this form for a goal.
  ///
  /// - Parameters:
  ///   - goal: What to achieve.
  ///   - outputCount: The number of outputs of the model.
  /// - Returns: The objective, to be maximised.
  /// - Throws: `ObjectiveError` if the form is not defined for the goal or for so few outputs.
  public func objective(
    for goal: Goal, outputCount: Int
  ) throws(ObjectiveError) -> any Objective {
    switch (self, goal.form) {
    case (.margin, _): return MarginObjective(goal)
    case (.crossEntropy, .avoid(let label)): return CrossEntropy(.avoid(label))
    case (.crossEntropy, .reach(let target)): return CrossEntropy(.reach(target))
    case (.crossEntropy, .sign(let target)): return CrossEntropy(.sign(target))
    case (.dlr, .avoid(let label)):
      guard outputCount >= 3 else { throw .tooFewOutputs(self, needed: 3, given: outputCount) }
      return DifferenceOfLogitsRatio(class: label, isTarget: false)
    case (.dlr, .reach(let target)):
      guard outputCount >= 4 else { throw .tooFewOutputs(self, needed: 4, given: outputCount) }
      return DifferenceOfLogitsRatio(class: target, isTarget: true)
    case (.dlr, .sign):
      throw .tooFewOutputs(self, needed: 3, given: outputCount)
    case (.crossEntropy, .clauses), (.dlr, .clauses): throw .undefined(self)
    }
  }
}
