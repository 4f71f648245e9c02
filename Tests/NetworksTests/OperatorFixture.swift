import Graphs
import Networks
import Tensors

/// PyTorch's values of an operator, or of a few in a row, and the same as a graph.
struct OperatorFixture {
  let name: String
  private let file: SafeTensorsFile

  init(path: String) throws { self.init(try SafeTensorsFile(path: path)) }

  init(_ file: SafeTensorsFile) {
    name = file.name.split(separator: "/").last.map(String.init) ?? file.name
    self.file = file
  }

  /// Why a file cannot be a graph.
  enum Failure: Error {
    case unknownOperator(String)
    case badAttribute(String)
  }

  /// The values that a run must reproduce, named as in the file: `y`, `dx`, `dweight`, and so on.
  var expected: [String: Tensor<Float>] {
    var expected = file.tensors
    for name in operandNames + ["dy", "v"] { expected[name] = nil }
    return expected
  }

  /// The differentiated operands, constants that are not, and statistics that are results in training.
  private var operandNames: [String] {
    let results: Set<String> =
      file.metadata["training"] == "true" ? ["y", "v", "mean", "variance"] : ["y", "v"]
    return file.names.filter { !$0.hasPrefix("d") && !results.contains($0) }
  }

  private var gradientNames: [String] {
    operandNames.filter { file.tensors["d" + $0] != nil }
  }

  /// The output and all first gradients; the file's names are the outputs' names.
  func firstOrder() throws -> GraphRun {
    let forward = try graph()
    let graph = try renaming(
      forward.gradient(of: "y", cotangent: "dy", withRespectTo: gradientNames),
      gradients: gradientNames, prefix: "d")
    return run(graph)
  }

  /// The gradients of sum(dx * v), of those operands that it depends on; `nil` if the file has none.
  func secondOrder() throws -> GraphRun? {
    guard file.tensors["v"] != nil else { return nil }
    let first = try renaming(
      graph().gradient(of: "y", cotangent: "dy", withRespectTo: ["x"]), gradients: ["x"],
      prefix: "d"
    ).selecting(outputs: ["dx"])
    let known = Set((first.inputs + first.parameters).map(\.name))
    let names = (gradientNames + ["dy"]).filter(known.contains)
    let second = try first.gradient(of: "dx", cotangent: "v", withRespectTo: names)
    var outputs = try renaming(second, gradients: names.filter { $0 != "dy" }, prefix: "dd")
    outputs = try renaming(outputs, gradients: ["dy"], prefix: "d")
    return run(try outputs.selecting(outputs: outputs.outputs.map(\.name).filter { $0 != "dx" }))
  }

  private func run(_ graph: Graph) -> GraphRun {
    func operands(_ names: [(name: String, value: Value)]) -> [String: Tensor<Float>] {
      file.tensors.filter { entry in names.contains { $0.name == entry.key } }
    }
    return GraphRun(
      graph: graph, inputs: operands(graph.inputs), parameters: operands(graph.parameters))
  }

  private func renaming(_ graph: Graph, gradients: [String], prefix: String) throws -> Graph {
    var builder = GraphBuilder(continuing: graph)
    for name in gradients {
      builder.output(prefix + name, try graph.output(Graph.gradientName(name)))
    }
    let old = Set(gradients.map(Graph.gradientName))
    let renamed = builder.finish()
    return try renamed.selecting(
      outputs: renamed.outputs.map(\.name).filter { !old.contains($0) })
  }

  // MARK: Building

  /// The operator applied to its operands, with the output `y`.
  func graph() throws -> Graph {
    var builder = GraphBuilder()
    let operators = (file.metadata["operator"] ?? "").split(separator: ",").map(String.init)
    let first = operators.first ?? ""
    let isBatched = try isBatched(first)
    func input(_ name: String) throws -> Value {
      let shape = try file.tensor(name).shape
      return builder.input(name, isBatched ? Extents(batchOf: shape.droppingFirst) : Extents(shape))
    }
    if first == "concat" {
      var parts: [Value] = []
      for name in operandNames { parts.append(try input(name)) }
      let y = try builder.apply(Concatenate(axis: try integer("axis")), to: parts)
      builder.output("y", y)
      return builder.finish()
    }
    var y = try input("x")
    var linearLayers = 0
    for name in operators {
      if name == "linear" { linearLayers += 1 }
      let suffix = name == "linear" && linearLayers > 1 ? String(linearLayers) : ""
      y = try apply(name, to: y, suffix: suffix, in: &builder)
    }
    builder.output("y", y)
    return builder.finish()
  }

  /// Whether the first axis may be the batch, of which the operator must not know the size.
  private func isBatched(_ name: String) throws -> Bool {
    switch name {
    case "matmul": try boolean("transpose_left") == false
    case "reshape": try integers("shape").first == file.tensor("x").shape[0]
    case "slice": try integer("axis") != 0
    default: true
    }
  }

  private func apply(
    _ name: String, to x: Value, suffix: String, in graph: inout GraphBuilder
  ) throws -> Value {
    func parameter(_ name: String) throws -> Value {
      graph.parameter(name, try file.tensor(name).shape)
    }
    func optional(_ name: String) throws -> Value? {
      file.tensors[name] == nil ? nil : try parameter(name)
    }
    if let function = try function(name) { return try graph.apply(Elementwise(function), x) }
    switch name {
    case "convolution":
      let weight = try parameter("weight")
      let kernel = try file.tensor("weight").shape
      return try graph.convolution(
        x, weight: weight, bias: try optional("bias"), try window(.init(kernel[2], kernel[3])),
        groups: try integer("groups"))
    case "linear":
      return try graph.linear(
        x, weight: try parameter("weight" + suffix), bias: try optional("bias" + suffix))
    case "matmul":
      let product = MatrixMultiply(
        transposesLeft: try boolean("transpose_left"),
        transposesRight: try boolean("transpose_right"))
      return try graph.apply(product, x, try parameter("other"))
    case "gelu":
      return try graph.gelu(x)
    case "maxPool":
      return try graph.apply(MaxPool(try window(kernel())), x)
    case "avgPool":
      let countsPadding = try boolean("count_include_pad")
      return try graph.apply(
        AveragePool(try window(kernel()), countsPadding: countsPadding), x)
    case "globalAveragePool":
      let y = try graph.globalAveragePool(x)
      return try graph.apply(Reshape(to: [Extents.batch, graph.extents(of: y)[1], 1, 1]), y)
    case "batchNorm":
      return try batchNorm(x, in: &graph)
    case "add", "multiply":
      let isAdd = name == "add"
      guard file.metadata["axis"] == "1" else {
        let other = graph.input("other", graph.extents(of: x))
        return try isAdd ? graph.add(x, other) : graph.multiply(x, other)
      }
      let other = try graph.perChannel(try parameter("other"), like: x)
      return try isAdd ? graph.add(x, other) : graph.multiply(x, other)
    case "reshape":
      let shape = Shape(try integers("shape"))
      let isBatched = graph.extents(of: x).isBatched
      return try graph.apply(
        Reshape(to: isBatched ? Extents(batchOf: shape.droppingFirst) : Extents(shape)), x)
    case "flatten":
      return try graph.flatten(x)
    case "slice":
      let range = try integer("start")..<integer("end")
      return try graph.apply(Slice(axis: try integer("axis"), range: range), x)
    case "mean", "sum":
      return try reduction(x, isMean: name == "mean", in: &graph)
    case "softmax", "logSoftmax":
      guard try integer("axis") == graph.extents(of: x).rank - 1 else {
        throw Failure.badAttribute("axis")
      }
      return try graph.apply(Softmax(logarithm: name == "logSoftmax"), x)
    default:
      throw Failure.unknownOperator(name)
    }
  }

  private func function(_ name: String) throws -> Elementwise.Function? {
    switch name {
    case "relu": .relu
    case "leakyRelu": .leakyReLU(slope: try number("alpha"))
    case "elu": .elu(alpha: try number("alpha"))
    case "sigmoid": .sigmoid
    case "tanh": .tanh
    case "softplus": .softplus
    case "exp": .exp
    case "log": .log
    case "abs": .abs
    case "sqrt": .squareRoot
    case "square": .square
    case "reciprocal": .reciprocal
    default: nil
    }
  }

  private func batchNorm(_ x: Value, in graph: inout GraphBuilder) throws -> Value {
    func parameter(_ name: String) throws -> Value {
      graph.parameter(name, try file.tensor(name).shape)
    }
    let scale = try parameter("gamma")
    let shift = try parameter("beta")
    let epsilon = try number("eps")
    guard try boolean("training") else {
      return try graph.batchNorm(
        x, scale: scale, shift: shift, mean: try parameter("mean"),
        variance: try parameter("variance"), epsilon: epsilon)
    }
    let result = try graph.batchNormTraining(x, scale: scale, shift: shift, epsilon: epsilon)
    graph.output("mean", result.mean)
    graph.output("variance", result.variance)
    return result.y
  }

  private func reduction(
    _ x: Value, isMean: Bool, in graph: inout GraphBuilder
  ) throws -> Value {
    let axes = try integers("axes")
    let y = try graph.apply(Reduce(axes: axes, isMean: isMean), x)
    guard try boolean("keep_axes") else { return y }
    var kept = graph.extents(of: x)
    for axis in axes { kept = kept.replacing(axis: axis, with: 1) }
    return try graph.apply(Reshape(to: kept), y)
  }

  private func kernel() throws -> Window.Pair {
    .init(try integer("kernel_h"), try integer("kernel_w"))
  }

  private func window(_ kernel: Window.Pair) throws -> Window {
    func pair(_ name: String, _ height: String, _ width: String) throws -> Window.Pair {
      .init(try integer(name + height), try integer(name + width))
    }
    return Window(
      kernel: kernel, stride: try pair("stride", "_h", "_w"),
      paddingBefore: try pair("padding", "_top", "_left"),
      paddingAfter: try pair("padding", "_bottom", "_right"),
      dilation: try pair("dilation", "_h", "_w"))
  }

  // MARK: Attributes

  private func attribute<Attribute>(
    _ name: String, _ read: (String) -> Attribute?
  ) throws -> Attribute {
    guard let value = file.metadata[name].flatMap(read) else { throw Failure.badAttribute(name) }
    return value
  }

  private func integer(_ name: String) throws -> Int { try attribute(name) { Int($0) } }

  private func number(_ name: String) throws -> Float { try attribute(name) { Float($0) } }

  private func boolean(_ name: String) throws -> Bool { try attribute(name) { Bool($0) } }

  private func integers(_ name: String) throws -> [Int] {
    try attribute(name) { text in
      let parts = text.split(separator: ",").map { Int($0) }
      return parts.contains(nil) ? nil : parts.compactMap { $0 }
    }
  }
}
