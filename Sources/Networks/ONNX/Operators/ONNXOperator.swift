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
    reductions,
    shaping, selecting, constants, resizing,
  ].reduce(into: [:]) { $0.merge($1) { first, _ in first } }

  /// What helps against an operator that cannot be read.
  static func hint(for op: String, domain: String) -> String {
    if domain == "com.microsoft" {
      return "export without onnxruntime's optimisations, which write operators of their own"
    }
    if domain.contains("aten") || op == "ATen" {
      return "export with operator_export_type=OperatorExportTypes.ONNX"
    }
    switch op {
    case "QuantizeLinear", "DequantizeLinear", "DynamicQuantizeLinear", "QLinearConv",
      "QLinearMatMul", "ConvInteger", "MatMulInteger":
      return "export the network before it is quantised"
    case "If", "Loop", "Scan":
      return
        "export by tracing in evaluation form, so that no control flow remains, and simplify the "
        + "file with onnxsim"
    case "LSTM", "GRU", "RNN": return "recurrent networks are not supported"
    case "Attention", "RMSNormalization", "RotaryEmbedding", "Swish":
      return "export with opset_version=17, which writes it in simpler operators"
    case "GroupNormalization", "Mish", "Celu", "MeanVarianceNormalization", "HardMax", "Hardmax":
      return "export with a lower opset_version, or inline it with onnx.inliner"
    default:
      return domain.isEmpty || domain == "ai.onnx"
        ? "export with another opset_version, or simplify the file with onnxsim"
        : "inline functions with onnx.inliner.inline_local_functions, or export without custom operators"
    }
  }
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
