import Graphs
import Tensors

extension ONNXOperator {
  /// Operators that ONNX itself defines by others, as far as exporters write them.
  static let functions: [String: ONNXOperator] = [
    "Mish": function { graph, x, _ in
      let softplus = try graph.apply(Elementwise(.softplus), x)
      return try graph.multiply(x, try graph.apply(Elementwise(.tanh), softplus))
    },
    "Softsign": function { graph, x, _ in
      let size = try graph.affine(try graph.apply(Elementwise(.abs), x), factor: 1, offset: 1)
      return try graph.apply(Arithmetic(.divide), x, size)
    },
    "Swish": function(["alpha"]) { graph, x, node in
      let scaled = try graph.scale(x, by: try node.number("alpha", 1))
      return try graph.multiply(x, try graph.apply(Elementwise(.sigmoid), scaled))
    },
    "Celu": function(["alpha"]) { graph, x, node in
      let alpha = try node.number("alpha", 1)
      guard alpha > 0, alpha.isFinite else {
        throw ONNXProblem("its attribute 'alpha' is \(alpha)")
      }
      let y = try graph.apply(Elementwise(.elu(alpha: 1)), try graph.scale(x, by: 1 / alpha))
      return try graph.scale(y, by: alpha)
    },
    "ThresholdedRelu": function(["alpha"]) { graph, x, node in
      let above = try graph.affine(x, factor: 1, offset: -(try node.number("alpha", 1)))
      return try graph.select(x, where: above, else: try graph.zero(like: x))
    },
    "Shrink": function(["bias", "lambd"]) { graph, x, node in
      let bias = try node.number("bias", 0)
      let limit = try node.number("lambd", 0.5)
      let below = try graph.select(
        try graph.affine(x, factor: 1, offset: bias),
        where: try graph.affine(x, factor: -1, offset: -limit), else: try graph.zero(like: x))
      return try graph.select(
        try graph.affine(x, factor: 1, offset: -bias),
        where: try graph.affine(x, factor: 1, offset: -limit), else: below)
    },
    "MeanVarianceNormalization": .one(["axes"]) { scope, call in
      let x = try call.operand(0)
      let axes = try ONNXShape.axes(try call.node.integers("axes") ?? [0, 2, 3], rank: x.rank)
      let mean = try reduced(x, axes, &scope) { try $0.mean($1, axes: $2) }
      let variance = try reduced(x, axes, &scope) { try $0.apply(Variance(axes: $2), $1) }
      let centred = try binary(
        .add, x, try unary(.affine(factor: -1, offset: 0), of: mean, &scope), &scope)
      let deviation = try unary(
        .affine(factor: 1, offset: 1e-9), of: try unary(.squareRoot, of: variance, &scope), &scope)
      return try binary(.multiply, centred, try unary(.reciprocal, of: deviation, &scope), &scope)
    },
    "RMSNormalization": .one(["axis", "epsilon", "stash_type"]) { scope, call in
      let (x, scale) = (try call.operand(0), try call.operand(1))
      let first = try ONNXShape.axis(try call.node.integer("axis") ?? -1, rank: x.rank)
      let epsilon = try call.node.number("epsilon", 1e-5)
      let square = try reduced(x, Array(first..<x.rank), &scope) { graph, value, axes in
        try graph.affine(
          try graph.mean(try graph.apply(Elementwise(.square), value), axes: axes), factor: 1,
          offset: epsilon)
      }
      let inverse = try unary(.reciprocal, of: try unary(.squareRoot, of: square, &scope), &scope)
      let y = try binary(.multiply, try binary(.multiply, x, inverse, &scope), scale, &scope)
      guard y.shape == x.shape else {
        throw ONNXProblem("its scale does not fit \(Shape(x.shape))")
      }
      return y
    },
    "GroupNormalization": .one(["epsilon", "num_groups", "stash_type"], groupNormalization),
  ]

  private static func groupNormalization(
    _ scope: inout ONNXScope, _ call: ONNXCall
  ) throws -> ONNXOperand {
    let operands = try call.all(atLeast: 3)
    let x = operands[0]
    guard x.rank >= 2, let groups = try call.node.integer("num_groups"), groups > 0,
      x.shape[1] % groups == 0
    else { throw ONNXProblem("its attribute 'num_groups' does not fit \(Shape(x.shape))") }
    // Before opset 21 there is a scale for each group, since then for each channel.
    let isPerGroup = call.opset < 21
    let channels = x.shape[1]
    guard operands[1...2].allSatisfy({ $0.shape == [isPerGroup ? groups : channels] }) else {
      throw ONNXProblem("its scale and shift do not fit \(Shape(x.shape))")
    }
    let count = x.shape[1...].reduce(1, *) / groups
    let grouped = try reshaped(x, [x.shape[0], groups, count], &scope)
    let (value, offset, isBatched) = try scope.withAxes(of: grouped, using: [2])
    let standard = try scope.graph.apply(
      Standardize(axes: [2 + offset], epsilon: try call.node.number("epsilon", 1e-5)), value)
    var y = try scope.result(standard, isBatched: isBatched, shape: grouped.shape)
    let spread =
      isPerGroup ? [groups, 1] : [channels] + [Int](repeating: 1, count: x.rank - 2)
    if !isPerGroup { y = try reshaped(y, x.shape, &scope) }
    y = try binary(.multiply, y, try reshaped(operands[1], spread, &scope), &scope)
    y = try binary(.add, y, try reshaped(operands[2], spread, &scope), &scope)
    return try reshaped(y, x.shape, &scope)
  }

  /// A reduction whose axes stay, as axes of 1.
  private static func reduced(
    _ x: ONNXOperand, _ axes: [Int], _ scope: inout ONNXScope,
    by reduction: (inout GraphBuilder, Value, [Int]) throws -> Value
  ) throws -> ONNXOperand {
    let axes = axes.sorted()
    let (value, offset, isBatched) = try scope.withAxes(of: x, using: axes)
    let y = try reduction(&scope.graph, value, axes.map { $0 + offset })
    let shape = x.shape.enumerated().map { axes.contains($0.offset) ? 1 : $0.element }
    return try scope.result(y, isBatched: isBatched, shape: shape)
  }

  private static func function(
    _ attributes: Set<String> = [],
    _ build: @escaping @Sendable (inout GraphBuilder, Value, ONNXNode) throws -> Value
  ) -> ONNXOperator {
    .one(attributes) { scope, call in
      let x = try call.operand(0)
      guard x.kind == .float else { throw ONNXProblem("expected floats, found \(x.kind)s") }
      let (value, isBatched) = try scope.value(of: x)
      return try scope.result(
        try build(&scope.graph, value, call.node), isBatched: isBatched, shape: x.shape)
    }
  }
}

extension GraphBuilder {
  /// Zeros of a value's extents.
  fileprivate mutating func zero(like x: Value) throws(GraphError) -> Value {
    let extents = extents(of: x)
    return try apply(
      Broadcast(to: extents, axes: Array(0..<extents.rank)), constant(Tensor(0)))
  }

  /// A value where a condition is positive, and another one elsewhere.
  fileprivate mutating func select(
    _ x: Value, where condition: Value, else other: Value
  ) throws(GraphError) -> Value {
    try apply(Select(), to: [try apply(Elementwise(.step), condition), x, other])
  }
}
