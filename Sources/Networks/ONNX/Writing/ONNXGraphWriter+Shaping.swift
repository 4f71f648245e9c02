import Graphs
import ONNXMessages
import Tensors

extension ONNXGraphWriter {
  /// Operators that move, select, compare or reduce; `nil` if it is none of them.
  mutating func shaping(
    _ op: any Operator, _ inputs: [String], _ extents: Extents, _ ranks: [Int]
  ) throws(ONNXError) -> String? {
    switch op {
    case is Reshape: return try add("Reshape", [inputs[0], integers(extents.values)])
    case let op as Transpose:
      return try add("Transpose", inputs, [.integers("perm", op.permutation)])
    case let op as Concatenate: return try add("Concat", inputs, [.integer("axis", op.axis)])
    case let op as Softmax:
      return try add(
        op.isLogarithm ? "LogSoftmax" : "Softmax", inputs,
        [.integer("axis", op.position(in: ranks[0]))])
    case is Expand: return try expanded(inputs[0], to: extents)
    case let op as Gather:
      return try add("Gather", [inputs[0], integers(op.indices)], [.integer("axis", op.axis)])
    case let op as Slice:
      let end = op.start + op.step * op.count
      return try add(
        "Slice",
        [
          inputs[0], integers([op.start]), integers([end < 0 ? -(1 << 40) : end]),
          integers([op.axis]), integers([op.step]),
        ])
    case let op as Pad:
      var pads = [Int](repeating: 0, count: 2 * ranks[0])
      pads[op.axis] = op.before
      pads[op.axis + ranks[0]] = op.after
      return try add("Pad", [inputs[0], integers(pads), number(op.value)])
    case let op as Reduce:
      // The axes of a sum are an input, those of the others attributes, in this opset.
      if op.isMean {
        return try add(
          "ReduceMean", inputs, [.integers("axes", op.axes), .integer("keepdims", 0)])
      }
      return try add(
        "ReduceSum", [inputs[0], integers(op.axes)], [.integer("keepdims", 0)])
    case let op as Extremum:
      return try add(
        op.isMaximum ? "ReduceMax" : "ReduceMin", inputs,
        [.integers("axes", op.axes), .integer("keepdims", 0)])
    case let op as Comparison: return try comparison(op, inputs)
    case is Select:
      let condition = try add("Cast", [inputs[0]], [.integer("to", 9)])
      return try add("Where", [condition, inputs[1], inputs[2]])
    case let op as SparseProduct: return try sparseProduct(op, inputs[0], rank: ranks[0])
    default: return nil
    }
  }

  private mutating func comparison(
    _ op: Comparison, _ inputs: [String]
  ) throws(ONNXError) -> String {
    let name =
      switch op.relation {
      case .equal: "Equal"
      case .less: "Less"
      case .lessOrEqual: "LessOrEqual"
      case .greater: "Greater"
      case .greaterOrEqual: "GreaterOrEqual"
      }
    return try add("Cast", [try add(name, inputs)], [.integer("to", 1)])
  }

  /// A sparse product as a dense one, with the axis moved to where matrix products contract.
  private mutating func sparseProduct(
    _ op: SparseProduct, _ x: String, rank: Int
  ) throws(ONNXError) -> String {
    let (rows, columns) = (op.matrix.rowCount, op.matrix.columnCount)
    var dense = [Float](repeating: 0, count: rows * columns)
    for row in 0..<rows {
      for entry in op.matrix.starts[row]..<op.matrix.starts[row + 1] {
        dense[op.matrix.columns[entry] * rows + row] += op.matrix.weights[entry]
      }
    }
    let matrix = constant(ONNXTensor(dense, shape: [columns, rows]))
    if op.axis == rank - 1 { return try add("MatMul", [x, matrix]) }
    var order = Array(0..<rank)
    order.swapAt(op.axis, rank - 1)
    let moved = try add("Transpose", [x], [.integers("perm", order)])
    return try add(
      "Transpose", [try add("MatMul", [moved, matrix])], [.integers("perm", order)])
  }

  /// A function of every element; `nil` if ONNX has none such.
  mutating func elementwise(
    _ function: Elementwise.Function, _ x: String
  ) throws(ONNXError) -> String? {
    switch function {
    case .relu: return try add("Relu", [x])
    case .step:
      return try add("Cast", [try add("Greater", [x, number(0)])], [.integer("to", 1)])
    case .affine(let factor, let offset):
      let product = factor == 1 ? x : try add("Mul", [x, number(factor)])
      return offset == 0 && factor != 1 ? product : try add("Add", [product, number(offset)])
    case .leakyReLU(let slope): return try add("LeakyRelu", [x], [.number("alpha", slope)])
    case .elu(let alpha): return try add("Elu", [x], [.number("alpha", alpha)])
    case .sigmoid: return try add("Sigmoid", [x])
    case .tanh: return try add("Tanh", [x])
    case .softplus: return try add("Softplus", [x])
    case .exp: return try add("Exp", [x])
    case .log: return try add("Log", [x])
    case .erf: return try add("Erf", [x])
    case .gelu:
      let erf = try add("Erf", [try add("Mul", [x, number(0.707_106_77)])])
      let half = try add("Mul", [x, number(0.5)])
      return try add("Mul", [half, try add("Add", [erf, number(1)])])
    case .abs: return try add("Abs", [x])
    case .sign: return try add("Sign", [x])
    case .squareRoot: return try add("Sqrt", [x])
    case .square: return try add("Mul", [x, x])
    case .reciprocal: return try add("Reciprocal", [x])
    case .sin: return try add("Sin", [x])
    case .cos: return try add("Cos", [x])
    case .power(let exponent): return try add("Pow", [x, number(exponent)])
    case .clip(let lower, let upper): return try add("Clip", [x, number(lower), number(upper)])
    case .hardSigmoid(let alpha, let beta):
      return try add("HardSigmoid", [x], [.number("alpha", alpha), .number("beta", beta)])
    case .hardSwish: return try add("HardSwish", [x])
    case .floor: return try add("Floor", [x])
    case .ceiling: return try add("Ceil", [x])
    case .round: return try add("Round", [x])
    case .geluSlope, .inside, .hardSwishSlope: return nil
    }
  }
}
