import Graphs

/// An operator with a rule for intervals; a file of this folder conforms each family.
protocol IntervalOperator: Operator {
  /// Writes the interval of the result.
  ///
  /// - Parameters:
  ///   - operands: The operands, at least one of which is uncertain.
  ///   - bounds: The intervals of the operands.
  ///   - graph: Where the interval is written.
  /// - Returns: The interval; `nil` if none is known with just these operands uncertain.
  /// - Throws: `GraphError` if an operator was given what it is not defined for.
  func interval(
    of operands: [Value], _ bounds: inout IntervalBounds, in graph: inout GraphBuilder
  ) throws(GraphError) -> IntervalForm?

  /// Whether the result is an affine function of the uncertain operands, given the others.
  ///
  /// The operator's own gradient then carries linear bounds backward.
  func isAffine(inUncertain uncertain: [Bool]) -> Bool
}

extension IntervalOperator {
  func isAffine(inUncertain uncertain: [Bool]) -> Bool { false }
}

extension IntervalBounds {
  /// Which of some operands are uncertain.
  func uncertain(_ operands: [Value]) -> [Bool] { operands.map { isUncertain($0) } }
}
