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
    case (.dlr, _) where goal.confidence != nil: throw .scaleFree(self)
    case (.crossEntropy, .avoid(let label)):
      return CrossEntropy(goal.confidence == nil ? .avoid(label) : .raiseRival(of: label))
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

extension Loss {
  /// The objective of this form for one way to miss a class: that a target overtakes it.
  ///
  /// Cross-entropy: minus that of the target. Margin: the difference of the two outputs. DLR: this difference divided
  /// by z_(1) - (z_(3) + z_(4)) / 2, the targeted form of its paper; it needs four outputs, and with fewer the margin
  /// takes its place.
  ///
  /// - Parameters:
  ///   - target: The class to raise, an output of the model.
  ///   - label: The class to miss, another one.
  ///   - outputCount: The number of outputs of the model.
  /// - Returns: The objective, to be maximised.
  public func objective(
    raising target: Int, over label: Int, outputCount: Int
  ) -> any Objective {
    switch self {
    case .crossEntropy: CrossEntropy(.reach(target))
    case .dlr where outputCount >= 4:
      DifferenceOfLogitsRatio(class: target, isTarget: true, rival: label)
    case .margin, .dlr:
      InequalityObjective(.lead(of: target, over: label))
    }
  }
}

/// Why an objective is not defined.
public enum ObjectiveError: Error, Hashable, CustomStringConvertible {
  /// The form needs more outputs than the model has.
  case tooFewOutputs(Loss, needed: Int, given: Int)
  /// The form is defined for goals about one class only.
  case undefined(Loss)
  /// The form does not tell how sure the model is, and the goal is about that.
  case scaleFree(Loss)

  /// One line that says what is missing and what works instead.
  public var description: String {
    switch self {
    case .tooFewOutputs(let loss, let needed, let given):
      "the objective '\(loss.rawValue)' needs at least \(needed) outputs and the model has"
        + " \(given); use 'margin' or 'cross-entropy'"
    case .undefined(let loss):
      "the objective '\(loss.rawValue)' is defined for goals about one class only; use 'margin'"
    case .scaleFree(let loss):
      "the objective '\(loss.rawValue)' does not tell how sure the model is; use 'cross-entropy' or 'margin'"
    }
  }
}
