import Tensors

/// Lists of tensors, whose lengths and the positions in them are known when a network is read.
struct ONNXLists {
  /// The most places in all lists, so that a small file cannot ask for endless ones.
  static let placeLimit = 1 << 18

  private var lists: [String: [ONNXOperand]] = [:]
  private var placeCount = 0

  subscript(name: String) -> [ONNXOperand]? { lists[name] }

  /// Gives a list to the nodes.
  ///
  /// - Throws: `ONNXProblem` if all lists together are too long.
  mutating func define(_ name: String, _ list: [ONNXOperand]) throws {
    placeCount += list.count
    guard placeCount <= ONNXLists.placeLimit else {
      throw ONNXProblem("the file's lists have more than \(ONNXLists.placeLimit) places")
    }
    lists[name] = list
  }
}

extension ONNXGraphReader {
  /// Reads a node that makes or takes a list of tensors.
  ///
  /// - Returns: Whether it is such a node.
  /// - Throws: `ONNXProblem`, or what the operators throw.
  mutating func readList(_ node: ONNXNode) throws -> Bool {
    guard node.domain.isEmpty, let output = node.outputs.first else { return false }
    switch node.op {
    case "SequenceEmpty": try lists.define(output, [])
    case "SequenceConstruct":
      try lists.define(output, try node.inputs.map { try operand($0) })
    case "SplitToSequence": try lists.define(output, try parts(node))
    case "SequenceInsert":
      var list = try list(node)
      guard node.inputs.count > 1 else { throw ONNXProblem("its input 2 is missing") }
      list.insert(
        try operand(node.inputs[1]), at: try position(node, 2, count: list.count + 1) ?? list.count)
      try lists.define(output, list)
    case "SequenceErase":
      var list = try list(node)
      guard !list.isEmpty else { throw ONNXProblem("its list is empty") }
      list.remove(at: try position(node, 1, count: list.count) ?? list.count - 1)
      try lists.define(output, list)
    case "SequenceAt":
      let list = try list(node)
      guard let position = try position(node, 1, count: list.count) else {
        throw ONNXProblem("its position is missing")
      }
      define(output, list[position])
    case "SequenceLength":
      define(output, ONNXOperand(ONNXTensor([try list(node).count], shape: [])))
    case "ConcatFromSequence": define(output, try joined(node))
    case "Identity":
      guard let list = node.inputs.first.flatMap({ lists[$0] }) else { return false }
      try lists.define(output, list)
    default: return false
    }
    return true
  }

  private func list(_ node: ONNXNode) throws -> [ONNXOperand] {
    guard let name = node.inputs.first, let list = lists[name] else {
      throw ONNXProblem("its first input is not a list of tensors")
    }
    return list
  }

  /// A position in a list, counted from the front; `nil` if it is left out.
  private mutating func position(
    _ node: ONNXNode, _ input: Int, count: Int
  ) throws -> Int? {
    guard node.inputs.count > input, !node.inputs[input].isEmpty else { return nil }
    let tensor = try scope.known(try operand(node.inputs[input]), as: "position")
    guard let given = try tensor.integers.first, tensor.count == 1, -count..<count ~= given else {
      throw ONNXProblem("its position is outside a list of \(count)")
    }
    return given < 0 ? given + count : given
  }

  /// A tensor cut along an axis.
  private mutating func parts(_ node: ONNXNode) throws -> [ONNXOperand] {
    try node.check(known: ["axis", "keepdims"])
    guard let name = node.inputs.first else { throw ONNXProblem("its input 1 is missing") }
    let x = try operand(name)
    let axis = try ONNXShape.axis(try node.integer("axis") ?? 0, rank: x.rank)
    let extent = x.shape[axis]
    var sizes = [Int](repeating: 1, count: min(extent, ONNXLists.placeLimit))
    let isGiven = node.inputs.count > 1 && !node.inputs[1].isEmpty
    if isGiven {
      let tensor = try scope.known(try operand(node.inputs[1]), as: "split")
      sizes = try tensor.integers
      if tensor.shape.isEmpty, let size = sizes.first {
        guard size > 0 else { throw ONNXProblem("it splits into parts of \(size)") }
        sizes = [Int](repeating: size, count: extent / size)
        if extent % size > 0 { sizes.append(extent % size) }
      }
    }
    let split = ONNXNode("Split", opset: 13, outputs: sizes.count, integers: ["axis": axis])
    let parts = try apply(
      split, [x, ONNXOperand(ONNXTensor(sizes, shape: [sizes.count]))])
    guard !isGiven, try !node.flag("keepdims", true) else { return parts }
    return try parts.map { try squeezed($0, axis) }
  }

  /// The tensors of a list as one.
  private mutating func joined(_ node: ONNXNode) throws -> ONNXOperand {
    try node.check(known: ["axis", "new_axis"])
    var list = try list(node)
    guard let first = list.first, let given = try node.integer("axis") else {
      throw ONNXProblem("its list is empty or its attribute 'axis' is missing")
    }
    var axis = given
    if try node.flag("new_axis") {
      axis = try ONNXShape.axis(given, rank: first.rank + 1)
      let axes = ONNXOperand(ONNXTensor([axis], shape: [1]))
      let unsqueeze = ONNXNode("Unsqueeze", opset: 13)
      list = try list.map { try apply(unsqueeze, [$0, axes])[0] }
    }
    return try apply(ONNXNode("Concat", opset: 13, integers: ["axis": axis]), list)[0]
  }

  private mutating func squeezed(_ x: ONNXOperand, _ axis: Int) throws -> ONNXOperand {
    try apply(
      ONNXNode("Squeeze", opset: 13), [x, ONNXOperand(ONNXTensor([axis], shape: [1]))])[0]
  }

  private mutating func apply(
    _ node: ONNXNode, _ operands: [ONNXOperand]
  ) throws -> [ONNXOperand] {
    guard let op = ONNXOperator.all[node.op] else { return [] }
    return try apply(op, ONNXCall(node: node, operands: operands))
  }
}
