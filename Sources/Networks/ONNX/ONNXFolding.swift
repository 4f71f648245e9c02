import Graphs
import Tensors

/// Computes nodes whose operands are all known, so that shapes and indices are known before the graph is written.
struct ONNXFolding {
  /// How many values may still be computed, so that a small file cannot ask for endless work.
  private var budget = 1 << 24

  /// The results of a node of known operands; `nil` if a trainer could change them.
  ///
  /// - Throws: `ONNXProblem`, or what the operator throws.
  mutating func results(_ op: ONNXOperator, _ call: ONNXCall) throws -> [ONNXOperand]? {
    guard !call.operands.isEmpty,
      !call.operands.contains(where: { $0.map { $0.known == nil } ?? false })
    else { return nil }
    let tensors = call.operands.compactMap { $0?.known }
    let count = tensors.reduce(0) { $0 + $1.count }
    guard
      count <= ONNXShape.foldLimit || !call.operands.contains(where: { $0?.isParameter ?? false })
    else { return nil }
    if let result = try integers(op, call) {
      try charge(result.reduce(count) { $0 + $1.count })
      return result
    }
    guard !call.operands.contains(where: { $0?.isParameter ?? false }),
      !["Conv", "ConvTranspose", "Gemm", "MatMul"].contains(call.node.op)
    else { return nil }
    return try evaluated(op, call, count)
  }

  private mutating func charge(_ count: Int) throws {
    budget -= count
    guard budget >= 0 else {
      throw ONNXProblem("the file asks for too much to be computed beforehand")
    }
  }

  /// The results by the operator's definition in a graph of its own.
  private mutating func evaluated(
    _ op: ONNXOperator, _ call: ONNXCall, _ count: Int
  ) throws -> [ONNXOperand] {
    var scope = ONNXScope()
    let plain = ONNXCall(
      node: call.node, operands: call.operands.map { $0.map { scope.constant($0) } })
    let results = try op.build(&scope, plain)
    try charge(results.reduce(count) { $0 + $1.count })
    return try results.map { result in
      guard case .value(let value, _) = result.content else { return result }
      return ONNXOperand(try scope.evaluated(value, shape: result.shape, kind: result.kind))
    }
  }

  /// The results of arithmetic and choice among integers; `nil` if this is something else.
  private mutating func integers(
    _ op: ONNXOperator, _ call: ONNXCall
  ) throws -> [ONNXOperand]? {
    guard let first = call.optional(0)?.known else { return nil }
    switch call.node.op {
    case "Cast": return try cast(first, call)
    case "Where":
      let tensors = try call.all(atLeast: 3).compactMap(\.known)
      guard tensors[1].kind != .float, tensors[2].kind != .float else { return nil }
      let pairs = try ONNXIntegers.combine(tensors[0], tensors[1]) { $0 != 0 ? $1 : nil }
      return [ONNXOperand(try ONNXIntegers.filling(pairs, from: tensors[2], kind: tensors[1].kind))]
    case "Reshape", "Flatten", "Squeeze", "Unsqueeze", "Identity":
      guard first.kind != .float else { return nil }
    case "Transpose", "Slice", "Gather", "Split", "Expand", "Tile", "Concat", "GatherND",
      "GatherElements", "Compress":
      guard first.kind != .float else { return nil }
    case "Constant", "ConstantOfShape", "Shape", "Size", "Range", "NonZero": return nil
    default:
      guard first.kind != .float else { return nil }
      return try ONNXIntegers.result(call).map { [ONNXOperand($0)] }
    }
    return try moved(op, call)
  }

  private func cast(_ tensor: ONNXTensor, _ call: ONNXCall) throws -> [ONNXOperand]? {
    switch (tensor.values, try call.node.integer("to") ?? 0) {
    case (_, 1), (_, 10), (_, 11), (_, 16):
      if tensor.kind == .float { return [call.operands[0] ?? ONNXOperand(tensor)] }
      return [ONNXOperand(ONNXTensor(tensor.floats, shape: tensor.shape))]
    case (.integers(let values), 9):
      return [
        ONNXOperand(
          ONNXTensor(values.map { $0 == 0 ? 0 : 1 }, shape: tensor.shape, kind: .boolean))
      ]
    case (.integers(let values), 2...7), (.integers(let values), 12...13):
      return [ONNXOperand(ONNXTensor(values, shape: tensor.shape))]
    case (.floats(let values), 2...7), (.floats(let values), 12...13):
      return [
        ONNXOperand(
          ONNXTensor(
            values.map { Int(exactly: $0.rounded(.towardZero)) ?? 0 }, shape: tensor.shape))
      ]
    default: return nil
    }
  }

  /// What an operator that only moves values does to integers, found by letting it move their positions.
  private mutating func moved(_ op: ONNXOperator, _ call: ONNXCall) throws -> [ONNXOperand] {
    var values: [Int] = []
    var operands = call.operands
    // Only joining moves more than the first operand.
    let isJoin = call.node.op == "Concat"
    if isJoin {
      operands.removeAll { $0?.count == 0 }
      if operands.isEmpty { operands = Array(call.operands.prefix(1)) }
    }
    var kind = ONNXTensor.Kind.integer
    for index in operands.indices where isJoin || index == 0 {
      guard let tensor = operands[index]?.known else { continue }
      let start = values.count
      kind = tensor.kind
      values += try tensor.integers
      guard values.count <= ONNXShape.foldLimit else {
        throw ONNXProblem("it moves too many integers")
      }
      operands[index] = ONNXOperand(
        ONNXTensor((start..<values.count).map { Float($0) }, shape: tensor.shape))
    }
    if values.isEmpty { return try empty(call, kind) }
    var scope = ONNXScope()
    let results = try op.build(&scope, ONNXCall(node: call.node, operands: operands))
    return try results.map { result in
      let positions = try scope.known(result, as: "value")
      return ONNXOperand(
        ONNXTensor(
          positions.floats.map { values[Int($0)] }, shape: result.shape, kind: kind))
    }
  }

  /// Moving nothing leaves nothing.
  private func empty(_ call: ONNXCall, _ kind: ONNXTensor.Kind) throws -> [ONNXOperand] {
    guard call.node.outputs.count == 1 else { throw ONNXProblem("it splits an empty value") }
    return [ONNXOperand(ONNXTensor([Int](), shape: [0], kind: kind))]
  }
}
