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
    if position.axis < batch { return position }
    if position.axis >= depth { return position.moved(by: indices.shape.count - 1 - depth) }
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
      return position
    }
    // Indices that name the examples one by one.
    try require(operands[0]?.position != nil && position.outer == 1)
    let axis = try exampleAxis(of: indices, part: position.axis)
    try require(updates.map { $0 == ONNXBatchPosition(axis: axis) } ?? true)
    return position
  }

  /// Where an assignment along one axis has the examples: where they were.
  func scatteredElements() throws -> ONNXBatchPosition {
    guard let data = operands[0], let position = data.position, let indices = try known(1) else {
      throw ONNXProblem.mixing
    }
    let along = try ONNXShape.axis(try call.node.integer("axis") ?? 0, rank: data.shape.count)
    try require(position.axis != along)
    try require(indices.shape[position.axis] == data.shape[position.axis])
    let updates = operands.count > 2 ? operands[2]?.position : nil
    try require(updates.map { $0 == position } ?? true)
    return position
  }

  private func known(_ index: Int) throws -> ONNXTensor? {
    try call.known(index, "indices", in: scope)
  }

  /// The axis of indices along which a part of each names the place along that very axis: example for example.
  private func exampleAxis(of indices: ONNXTensor, part: Int) throws -> Int {
    let outer = indices.shape.dropLast()
    let width = indices.shape.last ?? 1
    let values = try indices.integers
    for (axis, extent) in outer.enumerated() where extent == examples {
      let inner = outer[(axis + 1)...].reduce(1, *)
      let isOwn = (0..<values.count / max(width, 1)).allSatisfy { row in
        values[row * width + part] == row / inner % extent
      }
      if isOwn { return axis }
    }
    throw ONNXProblem.mixing
  }
}
