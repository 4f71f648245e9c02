// Where products and sums of products hold the examples of a batch.

extension ONNXBatchRule {
  /// Where a product of matrices has the rows of the left or the columns of the right operand, or what stands in front.
  func product() throws -> ONNXBatchPosition {
    guard let a = operands[0], let b = operands[1] else { throw ONNXProblem.mixing }
    let isLeftVector = a.shape.count == 1
    let isRightVector = b.shape.count == 1
    let rank = results[0].count
    var positions: [ONNXBatchPosition?] = []
    if let position = a.position {
      let fromEnd = a.shape.count - 1 - position.axis
      try require(!isLeftVector && fromEnd >= 1)
      positions.append(
        ONNXBatchPosition(
          axis: rank - 1 - (fromEnd - (isRightVector ? 1 : 0)), outer: position.outer))
    }
    if let position = b.position {
      let fromEnd = b.shape.count - 1 - position.axis
      try require(!isRightVector && fromEnd != 1)
      positions.append(
        ONNXBatchPosition(
          axis: rank - 1 - (fromEnd - (isLeftVector && fromEnd > 1 ? 1 : 0)), outer: position.outer)
      )
    }
    return try agreed(positions)
  }

  /// The same for a product of two matrices that may be transposed, plus a third.
  func generalProduct() throws -> ONNXBatchPosition {
    var positions: [ONNXBatchPosition?] = []
    for (index, name) in ["transA", "transB"].enumerated() {
      guard var position = operands[index]?.position else { continue }
      if try call.node.flag(name) { position.axis = 1 - position.axis }
      try require(position.axis == index)
      positions.append(position)
    }
    if operands.count > 2, let shift = operands[2] {
      positions.append(shift.position?.moved(by: 2 - shift.shape.count))
    }
    return try agreed(positions)
  }

  /// The same for a sum of products by an equation.
  func summation() throws -> ONNXBatchPosition {
    let equation = try ONNXEinsum(
      try call.node.text("equation") ?? "", ranks: operands.map { $0?.shape.count ?? 0 })
    return try agreed(
      zip(operands, equation.operands).map { value, labels in
        guard let position = value?.position else { return nil }
        guard let axis = equation.result.firstIndex(of: labels[position.axis]) else {
          throw ONNXProblem.mixing
        }
        return ONNXBatchPosition(axis: axis, outer: position.outer)
      })
  }
}

extension ONNXBatchPosition {
  /// The position after axes were put in front, or taken away.
  func moved(by axes: Int) -> ONNXBatchPosition {
    ONNXBatchPosition(axis: axis + axes, outer: outer)
  }
}
