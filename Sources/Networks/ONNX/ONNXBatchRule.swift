import Graphs

/// Where an operator's results hold the examples of a batch, and whether it mixes them.
struct ONNXBatchRule {
  let call: ONNXCall
  let scope: ONNXScope
  /// The operands of a larger batch; those that do not change with it have no position.
  let operands: [ONNXBatchedValue?]
  /// The shapes of the results for that batch.
  let results: [[Int]]
  let examples: Int

  private var op: String { call.node.op }

  /// Operators whose first operand alone is data.
  static let movers: Set<String> = [
    "Reshape", "Expand", "Slice", "Tile", "Pad", "Resize", "Upsample", "Split", "Squeeze",
    "Unsqueeze", "CumSum", "ReduceSum", "ReduceMean", "ReduceMax", "ReduceMin", "ReduceL1",
    "ReduceL2", "ReduceSumSquare", "ReduceProd", "ReduceLogSum", "ReduceLogSumExp", "Gather",
    "GatherElements", "GatherND", "Trilu", "Compress",
  ]
  /// Operators whose second operand alone is no data.
  static let assigners: Set<String> = ["ScatterND", "ScatterElements", "Scatter"]
  /// Operators whose results depend on the shapes of their operands alone.
  static let shapeReaders: Set<String> = ["Shape", "Size", "EyeLike"]

  /// The positions of the results.
  ///
  /// - Throws: `ONNXProblem` if examples are mixed.
  func positions() throws -> [ONNXBatchPosition?] {
    guard let first = operands.first(where: { $0?.position != nil }) ?? nil,
      let position = first.position
    else { return results.map { _ in nil } }
    if Self.movers.contains(op), operands[0]?.position == nil { throw ONNXProblem.mixing }
    let axis = position.axis
    let rank = first.shape.count
    switch op {
    case "Reshape", "Flatten", "Squeeze", "Unsqueeze":
      return try results.map {
        try position.reshaped(from: first.shape, to: $0, examples: examples)
      }
    case "Transpose":
      let order = try call.node.integers("perm") ?? Array((0..<rank).reversed())
      return [ONNXBatchPosition(axis: order.firstIndex(of: axis) ?? 0, outer: position.outer)]
    case let name where name.hasPrefix("Reduce"):
      let axes = try ONNXOperator.reducedAxes(call, in: scope)
      try require(!axes.contains(axis))
      let keeps = try call.node.flag("keepdims", true)
      return [position.moved(by: keeps ? 0 : -axes.count { $0 < axis })]
    case "Softmax", "LogSoftmax", "Hardmax":
      return try keeping(position, outside: try ONNXOperator.softmaxAxes(call, rank: rank))
    case "LayerNormalization", "RMSNormalization":
      let start = try ONNXShape.axis(try call.node.integer("axis") ?? -1, rank: rank)
      return try keeping(position, outside: Array(start..<rank))
    case "LpNormalization":
      return try keeping(
        position, outside: [try ONNXShape.axis(try call.node.integer("axis") ?? -1, rank: rank)])
    case "MeanVarianceNormalization":
      return try keeping(
        position,
        outside: try ONNXShape.axes(try call.node.integers("axes") ?? [0, 2, 3], rank: rank))
    case "CumSum":
      let along = try call.known(1, "axis", in: scope)?.integers.first ?? 0
      return try keeping(position, outside: [try ONNXShape.axis(along, rank: rank)])
    case "Conv", "ConvTranspose", "GroupNormalization", "DepthToSpace", "SpaceToDepth",
      "GridSample":
      return try keeping(position, outside: Array(1..<rank))
    case "MaxPool", "AveragePool", "LpPool", "GlobalAveragePool", "GlobalMaxPool", "GlobalLpPool",
      "InstanceNormalization":
      return try keeping(position, outside: Array(min(2, rank)..<rank))
    case "BatchNormalization", "LRN": return try keeping(position, outside: [1])
    case "Trilu": return try keeping(position, outside: Array(max(rank - 2, 0)..<rank))
    case "Pad", "Resize", "Upsample":
      try require(results[0][axis] == first.shape[axis] && !(op == "Pad" && isShifted(axis)))
      return [position]
    case "Tile":
      return [
        ONNXBatchPosition(
          axis: axis, outer: position.outer * results[0][axis] / max(first.shape[axis], 1))
      ]
    case "Split":
      let along = try ONNXShape.axis(try call.node.integer("axis") ?? 0, rank: rank)
      var start = 0
      return try results.map { shape in
        defer { start += shape[along] }
        guard along == axis else { return position }
        return try part(of: first, position, start: start, count: shape[axis])
      }
    case "Slice":
      guard
        let range = try ONNXOperator.slices(call, of: first.shape, in: scope)
          .first(where: { $0.axis == axis })
      else { return [position] }
      if range.start == 0, range.step == 1, range.count == first.shape[axis] { return [position] }
      try require(range.step == 1)
      return [try part(of: first, position, start: range.start, count: range.count)]
    case "Gather":
      let along = try ONNXShape.axis(try call.node.integer("axis") ?? 0, rank: rank)
      try require(along != axis)
      try requireSameIndices()
      return [position.moved(by: along < axis ? (operands[1]?.shape.count ?? 1) - 1 : 0)]
    case "GatherElements": return [try gatheredElements()]
    case "GatherND": return [try gathered()]
    case "ScatterND": return [try scattered()]
    case "ScatterElements", "Scatter": return [try scatteredElements()]
    case "Compress":
      try require(try call.node.integer("axis") != nil)
      return try keeping(
        position, outside: [try ONNXShape.axis(try call.node.integer("axis") ?? 0, rank: rank)])
    case "Attention":
      try require(operands.allSatisfy { $0.map { $0.position?.axis ?? 0 == 0 } ?? true })
      return try results.map { _ in try agreed(operands.map { $0?.position }) }
    case "Concat": return [try joined(rank)]
    case "MatMul": return [try product()]
    case "Gemm": return [try generalProduct()]
    case "Einsum": return [try summation()]
    default:
      return try results.map { try broadcast(to: $0) }
    }
  }

  func require(_ isApart: Bool) throws {
    guard isApart else { throw ONNXProblem.mixing }
  }

  /// The same position in all results, if its axis is not among those that are combined.
  private func keeping(
    _ position: ONNXBatchPosition, outside axes: [Int]
  ) throws -> [ONNXBatchPosition?] {
    try require(!axes.contains(position.axis))
    return results.map { _ in position }
  }

  private func isShifted(_ axis: Int) throws -> Bool {
    let pads = try call.integers("pads", input: 1, since: 11, in: scope) ?? []
    let given = try call.opset < 18 ? nil : call.known(3, "axes", in: scope)?.integers
    let rank = results[0].count
    let axes = try ONNXShape.axes(given ?? Array(0..<rank), rank: rank)
    guard let index = axes.firstIndex(of: axis), pads.indices.contains(index) else { return false }
    return pads[index] != 0
  }

  /// A range along the axis of the examples, which must be whole parts.
  private func part(
    of value: ONNXBatchedValue, _ position: ONNXBatchPosition, start: Int, count: Int
  ) throws -> ONNXBatchPosition {
    let block = position.block(in: value.shape)
    try require(block > 0 && start % block == 0 && count % block == 0 && count > 0)
    return ONNXBatchPosition(axis: position.axis, outer: count / block)
  }

  /// The one position of all operands after some axes were put in front of each.
  func agreed(_ positions: [ONNXBatchPosition?]) throws -> ONNXBatchPosition {
    let found = positions.compactMap { $0 }
    guard let first = found.first, found.allSatisfy({ $0 == first }) else {
      throw ONNXProblem.mixing
    }
    return first
  }

  private func broadcast(to shape: [Int]) throws -> ONNXBatchPosition {
    let position = try agreed(
      operands.map { value in
        value.flatMap { $0.position?.moved(by: shape.count - $0.shape.count) }
      })
    try require(shape.indices.contains(position.axis))
    return position
  }

  private func joined(_ rank: Int) throws -> ONNXBatchPosition {
    let along = try ONNXShape.axis(try call.node.integer("axis") ?? 0, rank: rank)
    let positions = operands.map { $0?.position }
    if positions.allSatisfy({ $0?.axis != along }) { return try agreed(positions) }
    var outer = 0
    var block: Int?
    for value in operands {
      guard let value, let position = value.position, position.axis == along,
        block ?? position.block(in: value.shape) == position.block(in: value.shape)
      else { throw ONNXProblem.mixing }
      block = position.block(in: value.shape)
      outer += position.outer
    }
    return ONNXBatchPosition(axis: along, outer: outer)
  }
}

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

/// Where the examples are in a value of a larger batch.
///
/// The axis has `outer` parts, each with as many places for each example: examples may be merged with other axes.
struct ONNXBatchPosition: Equatable {
  var axis: Int
  var outer = 1

  /// The places of one part along the axis.
  func block(in shape: [Int]) -> Int { shape[axis] / outer }

  /// The position after the same values were given another shape.
  ///
  /// - Throws: `ONNXProblem` if an axis there holds parts of examples.
  func reshaped(
    from shape: [Int], to result: [Int], examples: Int
  ) throws -> ONNXBatchPosition {
    let before = shape[..<axis].reduce(outer, *)
    let after = shape.reduce(1, *) / max(before, 1)
    var product = 1
    for (axis, extent) in result.enumerated() {
      let rest = product * extent
      if rest > before {
        guard before % product == 0, extent % (before / product * examples) == 0,
          after % examples == 0
        else { break }
        return ONNXBatchPosition(axis: axis, outer: before / product)
      }
      product = rest
    }
    throw ONNXProblem.mixing
  }
}

extension ONNXProblem {
  /// Why a node cannot be vectorised over examples.
  static let mixing = ONNXProblem(
    "it combines the examples of a batch, so the outputs of one depend on the others")
}

/// A value of a larger batch.
struct ONNXBatchedValue {
  let operand: ONNXOperand
  /// Where the examples are; `nil` if it does not depend on the input.
  var position: ONNXBatchPosition?
  /// Whether it repeats what it is for one example, if it does not depend on the input.
  var isRepeated = false

  var shape: [Int] { operand.shape }
}
