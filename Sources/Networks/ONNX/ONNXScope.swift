import Graphs
import Tensors

/// A graph that is being written from ONNX's nodes, vectorised over examples.
///
/// A batched value of ONNX's shape S (at batch size 1) has extents N and then S, without a leading 1 of S if
/// there is one. So what ONNX's axes mean is not changed by how a network merges its batch with other axes,
/// and convolutional networks are N x C x H x W throughout. Values that no input reaches are not batched and
/// have just their shape.
struct ONNXScope {
  var graph = GraphBuilder()
  /// The parameters in use.
  private(set) var parameters: [String: Tensor<Float>] = [:]
  private var declared: [String: Value] = [:]

  /// The extents of a value of ONNX's shape.
  static func form(_ shape: [Int], isBatched: Bool) -> Extents {
    guard isBatched else { return Extents(shape) }
    return Extents([Extents.batch] + (shape.first == 1 ? Array(shape.dropFirst()) : shape))
  }

  /// An operand as a value of the graph; a known one becomes a parameter or a constant.
  ///
  /// - Throws: `ONNXProblem` if it is too large.
  mutating func value(of operand: ONNXOperand) throws -> (value: Value, isBatched: Bool) {
    switch operand.content {
    case .value(let value, let isBatched):
      return (value, isBatched)
    case .known(let tensor, let name):
      try ONNXShape.checked(tensor.shape)
      guard tensor.precision == .single else { throw ONNXPrecision.problem }
      guard let name, tensor.kind == .float else {
        return (graph.constant(tensor.tensor), false)
      }
      if let value = declared[name] { return (value, false) }
      // Names that gradients and plans use for themselves.
      var unique = name == Network.inputName || name == "cotangent" ? name + "'" : name
      while parameters[unique] != nil { unique += "'" }
      parameters[unique] = tensor.tensor
      let value = graph.parameter(unique, Shape(tensor.shape))
      declared[name] = value
      return (value, false)
    }
  }

  /// An operand as a constant that no trainer will change.
  mutating func constant(_ operand: ONNXOperand) -> ONNXOperand {
    operand.known.map { ONNXOperand($0) } ?? operand
  }

  /// What a node computed, in the extents that stand for its shape.
  mutating func result(
    _ value: Value, isBatched: Bool, shape: [Int], kind: ONNXTensor.Kind = .float
  ) throws -> ONNXOperand {
    try ONNXShape.checked(shape)
    let form = ONNXScope.form(shape, isBatched: isBatched)
    return ONNXOperand(
      try reshape(value, to: form), isBatched: isBatched, shape: shape, kind: kind)
  }

  /// A value in other extents, without a chain of reshapes.
  mutating func reshape(_ value: Value, to extents: Extents) throws -> Value {
    var source = value
    if case .operation(let op, let operands, _) = graph.nodes[value.index], op is Reshape {
      source = operands[0]
    }
    if graph.extents(of: source) == extents { return source }
    if graph.extents(of: value) == extents { return value }
    return try graph.apply(Reshape(to: extents), source)
  }

  /// An operand in extents where ONNX's axes are `offset` axes further in than there.
  ///
  /// - Parameters:
  ///   - operand: The operand.
  ///   - axes: ONNX's axes that will be used; only if the first is among them it must be there.
  /// - Returns: The value, by how much its axes are further in, and whether it is batched.
  /// - Throws: As `value(of:)`.
  mutating func withAxes(
    of operand: ONNXOperand, using axes: [Int]
  ) throws -> (value: Value, offset: Int, isBatched: Bool) {
    let (value, isBatched) = try value(of: operand)
    guard isBatched else { return (value, 0, false) }
    if operand.shape.first != 1 { return (value, 1, true) }
    if !axes.contains(0) { return (value, 0, true) }
    return (try reshape(value, to: Extents([Extents.batch] + operand.shape)), 1, true)
  }

  /// A value repeated to a shape by NumPy's rules.
  ///
  /// - Parameters:
  ///   - operand: The operand, whose shape broadcasts to `shape`.
  ///   - shape: ONNX's shape of the result.
  ///   - isBatched: Whether the result is batched; if not, the operand must not be either.
  /// - Returns: A value of the extents that stand for the shape.
  /// - Throws: As `value(of:)`.
  mutating func broadcast(
    _ operand: ONNXOperand, to shape: [Int], isBatched: Bool
  ) throws -> Value {
    let target = ONNXScope.form(shape, isBatched: isBatched)
    let (value, ownBatch) = try value(of: operand)
    // The operand's extents aligned with the target's: those of 1 are repeated, or are 1 in the target too.
    let aligned =
      [Int](repeating: 1, count: shape.count - operand.rank) + operand.shape
    let innermost = isBatched && shape.first == 1 ? Array(aligned.dropFirst()) : aligned
    let extents = (isBatched ? [ownBatch ? Extents.batch : 1] : []) + innermost
    var axes: [Int] = []
    for (axis, extent) in extents.enumerated() where extent != target[axis] { axes.append(axis) }
    if axes.isEmpty { return try reshape(value, to: target) }
    let kept = extents.enumerated().filter { !axes.contains($0.offset) }.map(\.element)
    let source = try reshape(value, to: Extents(kept))
    return try graph.apply(Broadcast(to: target, axes: axes), source)
  }

  /// The values of an operand that must not depend on the input, evaluated if need be.
  ///
  /// - Throws: `ONNXProblem` if it depends on the input.
  func known(_ operand: ONNXOperand, as role: String) throws -> ONNXTensor {
    switch operand.content {
    case .known(let tensor, _): return tensor
    case .value(_, isBatched: true):
      throw ONNXProblem(
        "its \(role) depends on the network's input; expected a value that is known beforehand",
        hint: "export with fixed shapes but for the batch")
    case .value(let value, isBatched: false):
      return try evaluated(value, shape: operand.shape, kind: operand.kind)
    }
  }

  /// The value of what does not depend on the input, computed in double precision and rounded once.
  func evaluated(
    _ value: Value, shape: [Int], kind: ONNXTensor.Kind, precision: ONNXPrecision = .single
  ) throws -> ONNXTensor {
    guard let count = ONNXShape.count(shape), count <= ONNXShape.foldLimit else {
      throw ONNXProblem("a value of \(Shape(shape)) is too large to be computed beforehand")
    }
    var builder = graph
    builder.output("value", value)
    let graph = try builder.finish().selecting(outputs: ["value"])
    var needed: [String: Tensor<Double>] = [:]
    for (name, _) in graph.parameters { needed[name] = parameters[name]?.converted() }
    let result = try Interpreter(graph)([:], parameters: needed)
    let scalars = result["value"]?.scalars ?? []
    if kind == .float {
      var tensor = ONNXTensor(scalars.map { Float($0) }, shape: shape)
      tensor.precision = precision.rounding(scalars)
      return tensor
    }
    return ONNXTensor(
      scalars.map { $0.isFinite && abs($0) < 0x1p53 ? Int($0) : 0 }, shape: shape, kind: kind)
  }
}
