// Where selections and assignments by known indices hold the examples of a batch.

extension ONNXBatchRule {
  /// The operands of an operator that are data, not indices, shapes and the like.
  static func data<Operand>(of op: String, _ operands: [Operand]) -> [Operand] {
    if movers.contains(op) { return Array(operands.prefix(1)) }
    guard assigners.contains(op) else { return operands }
    return operands.enumerated().filter { $0.offset != 1 }.map(\.element)
  }

  /// Where a selection by indices of several axes has what it selects.
  func gathered() throws -> ONNXBatchPosition {
    guard let position = operands[0]?.position, let indices = try known(1) else {
      throw ONNXProblem.mixing
    }
    let batch = try call.node.integer("batch_dims") ?? 0
    let depth = batch + (indices.shape.last ?? 0)
    if position.axis < batch {
      try requireSameIndices(position)
      return position
    }
    if position.axis >= depth {
      try requireSameIndices()
      return position.moved(by: indices.shape.count - 1 - depth)
    }
    return ONNXBatchPosition(axis: try exampleAxis(of: indices, part: position.axis - batch))
  }

  /// Where an assignment by indices of several axes has the examples: where they were.
  func scattered() throws -> ONNXBatchPosition {
    guard let indices = try known(1), let depth = indices.shape.last else {
      throw ONNXProblem.mixing
    }
    let updates = operands.count > 2 ? operands[2]?.position : nil
    let shift = indices.shape.count - 1 - depth
    guard let position = operands[0]?.position ?? updates?.moved(by: -shift) else {
      throw ONNXProblem.mixing
    }
    if position.axis >= depth {
      try require(updates.map { $0 == position.moved(by: shift) } ?? true)
      try requireSameIndices(operands[0]?.position == nil ? position : nil)
      return position
    }
    // Indices that name the examples one by one.
    try require(operands[0]?.position != nil && position.outer == 1)
    let axis = try exampleAxis(of: indices, part: position.axis)
    try require(updates.map { $0 == ONNXBatchPosition(axis: axis) } ?? true)
    return position
  }

  /// Where a selection along one axis has the examples: where they were.
  func gatheredElements() throws -> ONNXBatchPosition {
    guard let data = operands[0], let position = data.position else { throw ONNXProblem.mixing }
    let along = try ONNXShape.axis(try call.node.integer("axis") ?? 0, rank: data.shape.count)
    try require(position.axis != along)
    try requireSameIndices(position)
    return position
  }

  /// Where an assignment along one axis has the examples: where they were, or where what is assigned has them if that
  /// is put into a constant.
  func scatteredElements() throws -> ONNXBatchPosition {
    let updates = operands.count > 2 ? operands[2]?.position : nil
    guard let data = operands[0], let position = data.position ?? updates,
      let indices = try known(1)
    else { throw ONNXProblem.mixing }
    let along = try ONNXShape.axis(try call.node.integer("axis") ?? 0, rank: data.shape.count)
    try require(position.axis != along)
    try require(indices.shape[position.axis] == data.shape[position.axis])
    try require(updates.map { $0 == position } ?? true)
    try requireSameIndices(position)
    return position
  }

  /// Refuses indices that are not for each example what they are for one alone.
  ///
  /// - Parameter position: Where the indices have the examples; `nil` if there are none along their axes.
  /// - Throws: `ONNXProblem` if they are not.
  func requireSameIndices(_ position: ONNXBatchPosition? = nil) throws {
    // Repeated indices are whole ones after each other, as the examples are if they are not in several parts.
    try require(operands[1]?.isRepeated ?? false)
    try require(position?.outer ?? 1 == 1)
  }

  private func known(_ index: Int) throws -> ONNXTensor? {
    try call.known(index, "indices", in: scope)
  }

  /// The axis of indices along which a part of each names the place along that very axis: example for example.
  ///
  /// The other parts have to be the same for all examples.
  private func exampleAxis(of indices: ONNXTensor, part: Int) throws -> Int {
    let outer = indices.shape.dropLast()
    let width = indices.shape.last ?? 1
    let values = try indices.integers
    for (axis, extent) in outer.enumerated() where extent == examples {
      let inner = outer[(axis + 1)...].reduce(1, *)
      let isOwn = (0..<values.count / max(width, 1)).allSatisfy { row in
        let example = row / inner % extent
        let first = row - example * inner
        return (0..<width).allSatisfy {
          values[row * width + $0] == ($0 == part ? example : values[first * width + $0])
        }
      }
      if isOwn { return axis }
    }
    throw ONNXProblem.mixing
  }
}
