import Graphs
import ONNXMessages
import Tensors

extension ONNXGraphWriter {
  /// Writes an operator.
  mutating func write(
    _ op: any Operator, _ operands: [Value], _ extents: Extents, as value: Value
  ) throws(ONNXError) {
    if let broadcast = op as? Broadcast {
      return try write(broadcast, of: operands[0], extents, as: value)
    }
    if let arithmetic = op as? Arithmetic {
      names[value.index] = try self.arithmetic(arithmetic, operands, extents)
      return
    }
    var inputs: [String] = []
    for operand in operands { inputs.append(try full(operand)) }
    let ranks = operands.map { graph[$0].extents.rank }
    let name: String?
    switch op {
    case let op as Elementwise: name = try elementwise(op.function, inputs[0])
    case let op as Convolution: name = try convolution(op, inputs)
    case let op as ConvolutionInputGradient: name = try transposed(op, operands, inputs)
    case let op as MatrixMultiply: name = try product(op, inputs, ranks)
    case let op as MaxPool:
      name = try add("MaxPool", inputs, op.window.attributes(hasDilation: true))
    case let op as AveragePool: name = try pooling(op, inputs)
    case let op as BatchNormalization:
      name = try add("BatchNormalization", inputs, [.number("epsilon", op.epsilon)])
    case let op as Standardize: name = try standardized(inputs[0], op.axes, op.epsilon)
    case let op as Variance: name = try variance(inputs[0], op.axes, keepsAxes: false).variance
    default: name = try shaping(op, inputs, extents, ranks)
    }
    guard let name else {
      throw error("the operator '\(op.name)' cannot be expressed")
    }
    names[value.index] = name
  }

  /// A repetition: the operand with axes of 1, which is repeated only where ONNX would not do so itself.
  private mutating func write(
    _ op: Broadcast, of operand: Value, _ extents: Extents, as value: Value
  ) throws(ONNXError) {
    guard !op.isMean || !op.axes.contains(0) || !extents.isBatched else {
      throw error("a mean over the batch cannot be expressed")
    }
    let spread = extents.values.enumerated().map { op.axes.contains($0.offset) ? 1 : $0.element }
    var name = try add("Reshape", [try full(operand), integers(spread)])
    if op.isMean {
      let count = op.axes.reduce(1) { $0 * extents[$1] }
      name = try add("Mul", [name, number(1 / Float(max(count, 1)))])
    }
    shortNames[value.index] = name
  }

  private mutating func arithmetic(
    _ op: Arithmetic, _ operands: [Value], _ extents: Extents
  ) throws(ONNXError) -> String {
    if op.operation == .add, let name = try biased(operands, extents) { return name }
    // One repetition may be left to ONNX; two would give less than the whole.
    let leftIsShort = shortNames[operands[0].index] != nil
    let right = leftIsShort ? try full(operands[1]) : try short(operands[1])
    let left = try short(operands[0])
    let name =
      switch op.operation {
      case .add: "Add"
      case .multiply: "Mul"
      case .divide: "Div"
      case .power: "Pow"
      case .maximum: "Max"
      case .minimum: "Min"
      }
    return try add(name, [left, right])
  }

  /// The name of a value that may be a repetition which ONNX does by itself.
  private mutating func short(_ value: Value) throws(ONNXError) -> String {
    if let name = shortNames[value.index] { return name }
    return try full(value)
  }

  /// A sum that is the bias of the layer before it becomes part of that layer's node.
  private mutating func biased(
    _ operands: [Value], _ extents: Extents
  ) throws(ONNXError) -> String? {
    let axes = (0..<extents.rank).filter { $0 != 1 }
    for (layer, other) in [(operands[0], operands[1]), (operands[1], operands[0])] {
      guard case .operation(let op, let sources, _) = graph[other],
        let broadcast = op as? Broadcast, broadcast.axes == axes, !broadcast.isMean,
        uses[layer.index] == 1, case .operation(let inner, _, _) = graph[layer],
        let position = message.node.firstIndex(where: { $0.output.first == names[layer.index] }),
        inner is Convolution && message.node[position].opType == "Conv"
          || inner is MatrixMultiply && message.node[position].opType == "Gemm",
        message.node[position].input.count == 2
      else { continue }
      var node = message.node.remove(at: position)
      node.input.append(try full(sources[0]))
      message.node.append(node)
      return node.output[0]
    }
    return nil
  }

  private mutating func convolution(
    _ op: Convolution, _ inputs: [String]
  ) throws(ONNXError) -> String {
    try add(
      "Conv", inputs, op.window.attributes(hasDilation: true) + [.integer("group", op.groups)])
  }

  private mutating func transposed(
    _ op: ConvolutionInputGradient, _ operands: [Value], _ inputs: [String]
  ) throws(ONNXError) -> String {
    let window = op.convolution.window
    let size = graph[operands[0]].extents
    func rest(
      _ input: Int, _ output: Int, _ stride: Int, _ kernel: Int, _ dilation: Int, _ padding: Int
    ) -> Int { input - ((output - 1) * stride + dilation * (kernel - 1) + 1 - padding) }
    let extra = [
      rest(
        op.inputSize.height, size[2], window.stride.height, window.kernel.height,
        window.dilation.height, window.paddingBefore.height + window.paddingAfter.height),
      rest(
        op.inputSize.width, size[3], window.stride.width, window.kernel.width,
        window.dilation.width, window.paddingBefore.width + window.paddingAfter.width),
    ]
    return try add(
      "ConvTranspose", inputs,
      window.attributes(hasDilation: true) + [
        .integer("group", op.convolution.groups), .integers("output_padding", extra),
      ])
  }

  private mutating func pooling(
    _ op: AveragePool, _ inputs: [String]
  ) throws(ONNXError) -> String {
    guard op.window.dilation == 1 else {
      throw error("average pooling with dilation cannot be expressed in opset 17")
    }
    var window = op.window
    window.paddingAfter.height -= op.uncounted.height
    window.paddingAfter.width -= op.uncounted.width
    return try add(
      "AveragePool", inputs,
      window.attributes(hasDilation: false) + [
        .integer("count_include_pad", op.countsPadding ? 1 : 0),
        .integer("ceil_mode", op.uncounted == 0 ? 0 : 1),
      ])
  }

  private mutating func product(
    _ op: MatrixMultiply, _ inputs: [String], _ ranks: [Int]
  ) throws(ONNXError) -> String? {
    if op.addsPairs { return nil }
    if ranks == [2, 2] {
      return try add(
        "Gemm", inputs,
        [
          .integer("transA", op.transposesLeft ? 1 : 0),
          .integer("transB", op.transposesRight ? 1 : 0),
        ])
    }
    var sides = inputs
    for (side, transposes) in [op.transposesLeft, op.transposesRight].enumerated() where transposes
    {
      let order = Array(0..<ranks[side] - 2) + [ranks[side] - 1, ranks[side] - 2]
      sides[side] = try add("Transpose", [sides[side]], [.integers("perm", order)])
    }
    return try add("MatMul", sides)
  }

  private mutating func variance(
    _ x: String, _ axes: [Int], keepsAxes: Bool
  ) throws(ONNXError) -> (centred: String, variance: String) {
    let mean = try add("ReduceMean", [x], [.integers("axes", axes), .integer("keepdims", 1)])
    let centred = try add("Sub", [x, mean])
    let square = try add("Mul", [centred, centred])
    let variance = try add(
      "ReduceMean", [square],
      [.integers("axes", axes), .integer("keepdims", keepsAxes ? 1 : 0)])
    return (centred, variance)
  }

  private mutating func standardized(
    _ x: String, _ axes: [Int], _ epsilon: Float
  ) throws(ONNXError) -> String {
    let (centred, variance) = try variance(x, axes, keepsAxes: true)
    let deviation = try add("Sqrt", [try add("Add", [variance, number(epsilon)])])
    return try add("Div", [centred, deviation])
  }
}

extension Window {
  /// The attributes of a node.
  func attributes(hasDilation: Bool) -> [Onnx_AttributeProto] {
    let attributes: [Onnx_AttributeProto] = [
      .integers("kernel_shape", [kernel.height, kernel.width]),
      .integers("strides", [stride.height, stride.width]),
      .integers(
        "pads",
        [paddingBefore.height, paddingBefore.width, paddingAfter.height, paddingAfter.width]),
    ]
    return attributes
      + (hasDilation ? [.integers("dilations", [dilation.height, dilation.width])] : [])
  }
}
