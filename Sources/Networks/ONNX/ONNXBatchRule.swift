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
