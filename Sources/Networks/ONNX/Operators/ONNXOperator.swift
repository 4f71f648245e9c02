import Graphs

/// How one of ONNX's operators is written in terms of the graph's.
struct ONNXOperator: Sendable {
  /// The attributes that are understood, in any opset.
  let attributes: Set<String>
  /// Writes the operator.
  let build: @Sendable (inout ONNXScope, ONNXCall) throws -> [ONNXOperand]

  init(
    _ attributes: Set<String> = [],
    _ build: @escaping @Sendable (inout ONNXScope, ONNXCall) throws -> [ONNXOperand]
  ) {
    self.attributes = attributes
    self.build = build
  }

  /// An operator with one result.
  static func one(
    _ attributes: Set<String> = [],
    _ build: @escaping @Sendable (inout ONNXScope, ONNXCall) throws -> ONNXOperand
  ) -> ONNXOperator {
    ONNXOperator(attributes) { scope, call in [try build(&scope, call)] }
  }

  /// All operators that can be read, by name.
  static let all: [String: ONNXOperator] = [
    activations, arithmetic, comparisons, convolutions, pooling, normalization, products,
    reductions, shaping, selecting, constants, casts, resizing, blocks, groupings, summations,
    indexing, attention,
  ].reduce(into: [:]) { $0.merge($1) { first, _ in first } }
}

/// One node with its operands, as an operator's reader sees it.
struct ONNXCall {
  let node: ONNXNode
  /// An operand for each input; `nil` where an optional one is left out.
  let operands: [ONNXOperand?]

  var opset: Int { node.opset }

  /// An operand that must be there.
  func operand(_ index: Int) throws -> ONNXOperand {
    guard let operand = optional(index) else {
      throw ONNXProblem("its input \(index + 1) is missing")
    }
    return operand
  }

  /// An operand that may be left out.
  func optional(_ index: Int) -> ONNXOperand? {
    operands.indices.contains(index) ? operands[index] : nil
  }

  /// All operands, none left out.
  func all(atLeast least: Int = 1) throws -> [ONNXOperand] {
    guard operands.count >= least else {
      throw ONNXProblem("it has \(operands.count) inputs, expected at least \(least)")
    }
    return try operands.indices.map { try operand($0) }
  }

  /// The values of an optional input that must be known; `nil` if it is left out.
  func known(_ index: Int, _ role: String, in scope: ONNXScope) throws -> ONNXTensor? {
    guard let operand = optional(index) else { return nil }
    return try scope.known(operand, as: role)
  }

  /// Integers that were an attribute before an opset and are an input since.
  func integers(
    _ name: String, input index: Int, since opset: Int, in scope: ONNXScope
  ) throws -> [Int]? {
    if self.opset < opset { return try node.integers(name) }
    return try known(index, name, in: scope)?.integers
  }
}
