import Graphs
import Tensors

extension ONNXOperator {
  /// Normalisations, softmax, and what is nothing in evaluation.
  static let normalization: [String: ONNXOperator] = [
    "BatchNormalization": .one(
      ["consumed_inputs", "epsilon", "is_test", "momentum", "spatial", "training_mode"],
      batchNormalization),
    "LayerNormalization": ONNXOperator(["axis", "epsilon", "stash_type"], layerNormalization),
    "InstanceNormalization": .one(["epsilon"]) { scope, call in
      let operands = try call.all(atLeast: 3)
      let x = operands[0]
      guard x.rank >= 3 else { throw ONNXProblem("it normalises \(Shape(x.shape))") }
      let (value, offset, isBatched) = try scope.withAxes(of: x, using: [1])
      let standard = try scope.graph.apply(
        Standardize(
          axes: (2..<x.rank).map { $0 + offset }, epsilon: try call.node.number("epsilon", 1e-5)),
        value)
      let y = try scope.result(standard, isBatched: isBatched, shape: x.shape)
      let spread = [x.shape[1]] + [Int](repeating: 1, count: x.rank - 2)
      let scaled = try binary(.multiply, y, try reshaped(operands[1], spread, &scope), &scope)
      return try binary(.add, scaled, try reshaped(operands[2], spread, &scope), &scope)
    },
    "Softmax": .one(["axis"]) { scope, call in try softmax(&scope, call, isLogarithm: false) },
    "LogSoftmax": .one(["axis"]) { scope, call in try softmax(&scope, call, isLogarithm: true) },
    "Dropout": ONNXOperator(["ratio", "seed", "is_test"]) { scope, call in
      let x = try call.operand(0)
      let ratio =
        call.opset < 12
        ? try call.node.number("ratio", 0.5)
        : try call.known(1, "ratio", in: scope)?.floats.first ?? 0.5
      let isTraining =
        call.opset < 12
        ? try call.opset < 7 && !call.node.flag("is_test")
        : try call.known(2, "training mode", in: scope)?.floats.first ?? 0 != 0
      if isTraining, ratio != 0 {
        throw ONNXProblem(
          "it drops values at random", hint: "export the network in evaluation mode, model.eval()")
      }
      guard call.node.outputs.count > 1 else { return [x] }
      return [x, try filled(x.shape, with: 1, kind: .boolean, &scope)]
    },
    "Identity": .one { _, call in try call.operand(0) },
  ]

  /// One number everywhere.
  static func filled(
    _ shape: [Int], with number: Float, kind: ONNXTensor.Kind = .float, _ scope: inout ONNXScope
  ) throws -> ONNXOperand {
    let extents = Extents(try ONNXShape.checked(shape))
    let value = try scope.graph.apply(
      Broadcast(to: extents, axes: Array(shape.indices)), scope.graph.constant(Tensor(number)))
    return ONNXOperand(value, isBatched: false, shape: shape, kind: kind)
  }

  /// An operand in another of ONNX's shapes of equal count.
  static func reshaped(
    _ x: ONNXOperand, _ shape: [Int], _ scope: inout ONNXScope
  ) throws -> ONNXOperand {
    guard ONNXShape.count(shape) == x.count else {
      throw ONNXProblem("\(Shape(x.shape)) cannot become \(shape)")
    }
    let (value, isBatched) = try scope.value(of: x)
    return try scope.result(value, isBatched: isBatched, shape: shape, kind: x.kind)
  }

  private static func batchNormalization(
    _ scope: inout ONNXScope, _ call: ONNXCall
  ) throws -> ONNXOperand {
    let operands = try call.all(atLeast: 5)
    let x = operands[0]
    if try call.node.flag("training_mode") || call.opset < 14 && call.node.outputs.count > 1
      || call.opset < 7 && !call.node.flag("is_test")
    {
      throw ONNXProblem(
        "it is in training mode", hint: "export the network in evaluation mode, model.eval()")
    }
    guard try call.node.flag("spatial", true) else {
      throw ONNXProblem("its attribute 'spatial' is 0, which is not supported")
    }
    guard x.rank >= 2, operands[1...4].allSatisfy({ $0.shape == [x.shape[1]] && !$0.isBatched })
    else { throw ONNXProblem("its scale, shift, mean and variance do not fit \(Shape(x.shape))") }
    let epsilon = try call.node.number("epsilon", 1e-5)
    var values: [Value] = []
    for operand in operands[1...4] { values.append(try scope.value(of: operand).value) }
    var (value, isBatched) = try scope.value(of: x)
    if isBatched, x.shape[0] != 1 {
      // Channels are axis 2 here; the operator wants them first after the batch.
      let order = [0, 2, 1] + (3..<x.rank + 1)
      value = try scope.graph.apply(Transpose(order), value)
      value = try scope.graph.batchNorm(
        value, scale: values[0], shift: values[1], mean: values[2], variance: values[3],
        epsilon: epsilon)
      value = try scope.graph.apply(Transpose(order), value)
    } else {
      value = try scope.graph.batchNorm(
        value, scale: values[0], shift: values[1], mean: values[2], variance: values[3],
        epsilon: epsilon)
    }
    return try scope.result(value, isBatched: isBatched, shape: x.shape)
  }

  private static func layerNormalization(
    _ scope: inout ONNXScope, _ call: ONNXCall
  ) throws -> [ONNXOperand] {
    let (x, scale) = (try call.operand(0), try call.operand(1))
    let epsilon = try call.node.number("epsilon", 1e-5)
    let first = try ONNXShape.axis(try call.node.integer("axis") ?? -1, rank: x.rank)
    let axes = Array(first..<x.rank)
    let (value, offset, isBatched) = try scope.withAxes(of: x, using: axes)
    let inner = axes.map { $0 + offset }
    let standard = try scope.graph.apply(Standardize(axes: inner, epsilon: epsilon), value)
    var y = try scope.result(standard, isBatched: isBatched, shape: x.shape)
    y = try binary(.multiply, y, scale, &scope)
    if let shift = call.optional(2) { y = try binary(.add, y, shift, &scope) }
    guard y.shape == x.shape else { throw ONNXProblem("its scale does not fit \(Shape(x.shape))") }
    guard call.node.outputs.count > 1 else { return [y] }
    let reduced = Array(x.shape[..<first]) + axes.map { _ in 1 }
    let mean = try scope.graph.mean(value, axes: inner)
    let variance = try scope.graph.apply(Variance(axes: inner), value)
    let deviation = try scope.graph.apply(
      Elementwise(.squareRoot), try scope.graph.affine(variance, factor: 1, offset: epsilon))
    let inverse = try scope.graph.apply(Elementwise(.reciprocal), deviation)
    return [
      y, try scope.result(mean, isBatched: isBatched, shape: reduced),
      try scope.result(inverse, isBatched: isBatched, shape: reduced),
    ]
  }

  /// The axes over which a softmax goes.
  static func softmaxAxes(_ call: ONNXCall, rank: Int) throws -> [Int] {
    let given = try call.node.integer("axis") ?? (call.opset < 13 ? 1 : -1)
    // Before opset 13 all axes from the given one on are one; there may be none.
    if call.opset < 13, given == rank { return [] }
    let axis = try ONNXShape.axis(given, rank: rank)
    return call.opset < 13 ? Array(axis..<rank) : [axis]
  }

  private static func softmax(
    _ scope: inout ONNXScope, _ call: ONNXCall, isLogarithm: Bool
  ) throws -> ONNXOperand {
    let x = try call.operand(0)
    let axes = try softmaxAxes(call, rank: x.rank)
    let axis = axes.first ?? 0
    let (value, offset, isBatched) = try scope.withAxes(of: x, using: axes)
    let extents = scope.graph.extents(of: value)
    var source = value
    if axes.count > 1 {
      let joined = axes.reduce(1) { $0 * x.shape[$1] }
      source = try scope.reshape(
        value, to: Extents(Array(extents.values[..<(axis + offset)]) + [joined]))
    }
    let y = try scope.graph.apply(
      Softmax(axis: axis + offset, logarithm: isLogarithm), source)
    return try scope.result(y, isBatched: isBatched, shape: x.shape)
  }
}
