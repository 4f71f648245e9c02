import Graphs
import Tensors

extension ONNXOperator {
  /// Normalisations over groups of channels, neighbouring channels, and by a norm.
  static let groupings: [String: ONNXOperator] = [
    "GroupNormalization": .one(["epsilon", "num_groups", "stash_type"]) { scope, call in
      let operands = try call.all(atLeast: 3)
      let x = operands[0]
      guard let groups = try call.node.integer("num_groups"), x.rank >= 2, groups >= 1,
        x.shape[1] % groups == 0
      else { throw ONNXProblem("its groups do not divide \(Shape(x.shape))") }
      let table = try reshaped(
        x, [x.shape[0], groups, x.count / max(x.shape[0] * groups, 1)], &scope)
      let (value, offset, isBatched) = try scope.withAxes(of: table, using: [2])
      let standard = try scope.graph.apply(
        Standardize(axes: [2 + offset], epsilon: try call.node.number("epsilon", 1e-5)), value)
      let y = try reshaped(
        try scope.result(standard, isBatched: isBatched, shape: table.shape), x.shape, &scope)
      let behind = [Int](repeating: 1, count: x.rank - 2)
      // Before opset 21 there is one scale and shift for each group.
      func spread(_ operand: ONNXOperand) throws -> ONNXOperand {
        guard operand.shape == [call.opset < 21 ? groups : x.shape[1]] else {
          throw ONNXProblem("its scale and shift do not fit \(Shape(x.shape))")
        }
        guard call.opset < 21 else { return try reshaped(operand, [x.shape[1]] + behind, &scope) }
        let size = x.shape[1] / groups
        let column = try reshaped(operand, [groups, 1], &scope)
        let repeated = try scope.broadcast(
          column, to: [groups, size], isBatched: column.isBatched)
        return try reshaped(
          try scope.result(repeated, isBatched: column.isBatched, shape: [groups, size]),
          [x.shape[1]] + behind, &scope)
      }
      let scaled = try binary(.multiply, y, try spread(operands[1]), &scope)
      return try binary(.add, scaled, try spread(operands[2]), &scope)
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
      let axes = Array(first..<x.rank)
      let (value, offset, isBatched) = try scope.withAxes(of: x, using: axes)
      let inner = axes.map { $0 + offset }
      let mean = try scope.graph.mean(
        try scope.graph.apply(Elementwise(.square), value), axes: inner)
      let size = try scope.graph.apply(
        Elementwise(.squareRoot),
        try scope.graph.affine(mean, factor: 1, offset: try call.node.number("epsilon", 1e-5)))
      let factor = try scope.graph.apply(
        Broadcast(to: scope.graph.extents(of: value), axes: inner),
        try scope.graph.apply(Elementwise(.reciprocal), size))
      let y = try scope.result(
        try scope.graph.multiply(value, factor), isBatched: isBatched, shape: x.shape)
      let scaled = try binary(.multiply, y, scale, &scope)
      guard scaled.shape == x.shape else {
        throw ONNXProblem("its scale does not fit \(Shape(x.shape))")
      }
      return scaled
    },
    "LpNormalization": .one(["axis", "p"]) { scope, call in
      let x = try call.operand(0)
      let axis = try ONNXShape.axis(try call.node.integer("axis") ?? -1, rank: x.rank)
      let (value, offset, isBatched) = try scope.withAxes(of: x, using: [axis])
      let axes = [axis + offset]
      let norm: Value
      switch try call.node.integer("p") ?? 2 {
      case 1:
        norm = try scope.graph.apply(
          Reduce(axes: axes), try scope.graph.apply(Elementwise(.abs), value))
      case 2:
        norm = try scope.graph.apply(
          Elementwise(.squareRoot),
          try scope.graph.apply(
            Reduce(axes: axes), try scope.graph.apply(Elementwise(.square), value)))
      case let other: throw ONNXProblem("its attribute 'p' is \(other), expected 1 or 2")
      }
      // Where all is zero it stays zero.
      let divisor = try scope.graph.clip(norm, lower: .leastNormalMagnitude, upper: nil)
      let spread = try scope.graph.apply(
        Broadcast(to: scope.graph.extents(of: value), axes: axes), divisor)
      return try scope.result(
        try scope.graph.apply(Arithmetic(.divide), value, spread), isBatched: isBatched,
        shape: x.shape)
    },
    "LRN": .one(["alpha", "beta", "bias", "size"]) { scope, call in
      let x = try call.operand(0)
      guard x.rank >= 2, let size = try call.node.integer("size"), 1...ONNXNode.sizeLimit ~= size
      else { throw ONNXProblem("its attribute 'size' is missing or absurd") }
      let channels = x.shape[1]
      let (before, after) = ((size - 1) / 2, size / 2)
      guard channels * min(size, channels) <= ONNXShape.foldLimit else {
        throw ONNXProblem("it sums over \(size) of \(channels) channels, which is too much")
      }
      let share = try call.node.number("alpha", 1e-4) / Float(size)
      let rows = (0..<channels).map { channel in
        (max(channel - before, 0)..<min(channel + after + 1, channels)).map {
          SparseMatrix.Entry($0, share)
        }
      }
      let (value, offset, isBatched) = try scope.withAxes(of: x, using: [1])
      let sums = try scope.graph.apply(
        SparseProduct(SparseMatrix(rows: rows, columnCount: channels), axis: 1 + offset),
        try scope.graph.apply(Elementwise(.square), value))
      let base = try scope.graph.affine(
        sums, factor: 1, offset: try call.node.number("bias", 1))
      let factor = try scope.graph.apply(
        Elementwise(.power(exponent: -(try call.node.number("beta", 0.75)))), base)
      return try scope.result(
        try scope.graph.multiply(value, factor), isBatched: isBatched, shape: x.shape)
    },
  ]

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
}
