import Engine
import Graphs
import Models
import Tensors

/// Computes nodes whose operands are all known, so that shapes and indices are known before the graph is written.
struct ONNXFolding {
  /// How many values may still be computed, so that a small file cannot ask for endless work.
  private var budget = 1 << 24
  private var constants = ONNXConstantBudget()

  /// The results of a node of known operands; `nil` if a trainer could change them.
  ///
  /// - Throws: `ONNXProblem`, or what the operator throws.
  mutating func results(_ op: ONNXOperator, _ call: ONNXCall) throws -> [ONNXOperand]? {
    guard !call.operands.isEmpty,
      !call.operands.contains(where: { $0.map { $0.known == nil } ?? false })
    else { return nil }
    if call.node.op == "ConstantOfShape" { return try filled(op, call) }
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

  /// A tensor of one number; `nil` if it is large, so that the graph says how it is made.
  private mutating func filled(_ op: ONNXOperator, _ call: ONNXCall) throws -> [ONNXOperand]? {
    var scope = ONNXScope()
    let results = try op.build(&scope, call)
    let count = results.reduce(0) { $0 + $1.count }
    guard results.allSatisfy({ $0.known != nil }) else {
      try constants.charge(count)
      return nil
    }
    try charge(count)
    return results
  }

  private mutating func charge(_ count: Int) throws {
    budget -= count
    guard budget >= 0 else {
      throw ONNXProblem("the file needs too much computed when it is read")
    }
  }

  /// The results by the operator's definition in a graph of its own.
  private mutating func evaluated(
    _ op: ONNXOperator, _ call: ONNXCall, _ count: Int
  ) throws -> [ONNXOperand] {
    var scope = ONNXScope()
    let plain = ONNXCall(
      node: call.node,
      operands: call.operands.map { operand in
        operand.flatMap(\.known).map { ONNXOperand($0.with(.single)) }
      })
    let precision = try ONNXPrecision(call)
    let results = try op.build(&scope, plain)
    try charge(results.reduce(count) { $0 + $1.count })
    return try results.map { result in
      guard case .value(let value, _) = result.content else {
        return result.known.map { ONNXOperand($0.with(precision)) } ?? result
      }
      return ONNXOperand(
        try scope.evaluated(
          value, shape: result.shape, kind: result.kind, precision: precision))
    }
  }

  /// The results of arithmetic and choice among integers; `nil` if this is something else.
  private mutating func integers(
    _ op: ONNXOperator, _ call: ONNXCall
  ) throws -> [ONNXOperand]? {
    guard let first = call.optional(0)?.known else { return nil }
    switch call.node.op {
    case "Cast": return try ONNXOperator.castKnown(first, call).map { [$0] }
    case "Where":
      let tensors = try call.all(atLeast: 3).compactMap(\.known)
      guard tensors[1].kind != .float, tensors[2].kind != .float else { return nil }
      return [ONNXOperand(try ONNXIntegers.selecting(tensors[0], tensors[1], tensors[2]))]
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

/// How many values of one number a file may ask for, which takes a few bytes there and gigabytes in memory.
///
/// Such constants may be the whole of a network's weights. They are made when it is compiled, not when it is read;
/// together they may take a gigabyte, as those of the largest networks for pictures do, and a quarter of the
/// memory that the system leaves.
struct ONNXConstantBudget {
  private static let byteLimit = 1 << 30

  private var used = 0

  /// Takes account of a tensor that is filled with one number.
  ///
  /// - Throws: `ONNXProblem` if it is too much.
  mutating func charge(_ count: Int) throws {
    used += count * MemoryLayout<Float>.size
    // Little is never refused, and the system is not asked about it.
    guard used > 1 << 24 else { return }
    let available = SystemMemory().available ?? Self.byteLimit
    let limit = min(Self.byteLimit, available / 4)
    guard used <= limit else {
      throw ONNXProblem(
        "the file's constants filled with one number take more than \(limit / 1_000_000) MB (the limit: 1074 MB, and"
          + " a quarter of the free memory)")
    }
  }
}
