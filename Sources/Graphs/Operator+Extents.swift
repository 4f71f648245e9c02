extension Operator {
  /// The extents of two operands, which must be equal.
  ///
  /// - Throws: `GraphError.operands` if they are not.
  package func extentsOfEqualPair(_ operands: [Extents]) throws(GraphError) -> Extents {
    guard operands.count == 2, operands[0] == operands[1] else {
      throw .operands(operator: name, expected: "two operands of equal extents", found: operands)
    }
    return operands[0]
  }

  /// The extents of one operand without some of its axes.
  ///
  /// - Throws: `GraphError.operands` if it lacks one, if one is named twice, or if one is empty and must not be.
  func extents(
    of operands: [Extents], without axes: [Int], areEmptyAllowed: Bool
  ) throws(GraphError) -> Extents {
    guard operands.count == 1, Set(axes).count == axes.count,
      axes.allSatisfy({
        0..<operands[0].rank ~= $0 && (areEmptyAllowed || operands[0][$0] != 0)
      })
    else {
      throw .operands(
        operator: name,
        expected: "one operand with the axes \(axes)" + (areEmptyAllowed ? "" : ", none empty"),
        found: operands)
    }
    return Extents(
      operands[0].values.enumerated().filter { !axes.contains($0.offset) }.map(\.element))
  }
}
