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
      InequalityObjective(Inequality([.init(1, output: target), .init(-1, output: label)]))
    }
  }
}
