import Engine
import Graphs
import Tensors
import Testing

/// One graph with an output y, whose gradients with respect to all inputs and parameters are tested too.
struct OperatorCase: Sendable, CustomTestStringConvertible {
  let name: String
  var range: ClosedRange<Float> = -1...1
  let build: @Sendable (inout GraphBuilder) throws -> Value

  var testDescription: String { name }
}

func image(
  _ graph: inout GraphBuilder, _ channels: Int, _ height: Int, _ width: Int
) -> Value {
  graph.input("x", [Extents.batch, channels, height, width])
}

func convolution(
  _ name: String, channels: Int, outputs: Int, size: (Int, Int), _ window: Window, groups: Int = 1,
  bias: Bool = true, relu: Bool = false
) -> OperatorCase {
  OperatorCase(name: "convolution \(name)") { graph in
    let x = image(&graph, channels, size.0, size.1)
    let weight = graph.parameter(
      "weight", [outputs, channels / groups, window.kernel.height, window.kernel.width])
    let bias = bias ? graph.parameter("bias", [outputs]) : nil
    let y = try graph.convolution(x, weight: weight, bias: bias, window, groups: groups)
    return relu ? try graph.relu(y) : y
  }
}

private func elementwise(
  _ function: Elementwise.Function, range: ClosedRange<Float> = -2...2
) -> OperatorCase {
  OperatorCase(name: "\(function)", range: range) { graph in
    let x = image(&graph, 19, 3, 5)
    return try graph.apply(Elementwise(function), x)
  }
}

func afterConvolution(
  channels: Int = 20, _ name: String,
  _ body: @escaping @Sendable (inout GraphBuilder, Value) throws -> Value
) -> OperatorCase {
  // Behind a convolution values come in oneDNN's blocked layouts.
  OperatorCase(name: "\(name) after a convolution") { graph in
    let x = image(&graph, 3, 9, 8)
    let weight = graph.parameter("weight", [channels, 3, 3, 3])
    let bias = graph.parameter("bias", [channels])
    let y = try graph.convolution(x, weight: weight, bias: bias, Window(3, padding: 1))
    return try body(&graph, y)
  }
}

/// Pooling of channel-blocked values with and without a ReLU behind it: the engine's own kernel.
private let blockedPooling: [OperatorCase] = [8, 24, 32].flatMap { channels in
  [
    ("2x2", Window(2, stride: 2)), ("3x3", Window(3, stride: 3)),
    ("3x3 by 2", Window(3, stride: 2)), ("padded", Window(3, stride: 2, padding: 1)),
    ("dense", Window(3, padding: 1)),
    ("asymmetric", Window(kernel: .init(2, 4), stride: .init(3, 2), paddingAfter: .init(1, 2))),
  ].flatMap { name, window in
    [
      afterConvolution(channels: channels, "max pooling \(name) of \(channels) channels") {
        graph, y in try graph.apply(MaxPool(window), y)
      },
      afterConvolution(channels: channels, "max pooling \(name) of \(channels) channels, ReLU") {
        graph, y in try graph.relu(try graph.apply(MaxPool(window), y))
      },
    ]
  }
}

/// First layers, whose input gradient is the engine's own kernel.
private let firstLayers: [OperatorCase] = [
  (1, 8, Window(3)), (2, 24, Window(7, stride: 2, padding: 3)), (3, 64, Window(3, padding: 1)),
  (4, 16, Window(kernel: .init(6, 8), stride: .init(2, 3), paddingBefore: .init(5, 1))),
  (3, 40, Window(2, stride: 3)), (1, 16, Window(9, padding: 4)),
].map { channels, outputs, window in
  convolution(
    "from \(channels) to \(outputs) channels, kernel \(window.kernel.height)", channels: channels,
    outputs: outputs, size: (19, 18), window)
}

private let asymmetric = Window(
  kernel: .init(3, 4), stride: .init(2, 1), paddingBefore: .init(0, 1),
  paddingAfter: .init(1, 2), dilation: .init(1, 2))

let operatorCases: [OperatorCase] =
  namedCases + blockedPooling + firstLayers + choiceCases + shapingCases + transposedConvolutions

private let namedCases: [OperatorCase] = [
  convolution(
    "5x5 on one channel", channels: 1, outputs: 32, size: (13, 11), Window(5, padding: 2)),
  convolution(
    "4x4 by 2 on one channel", channels: 1, outputs: 16, size: (28, 28),
    Window(4, stride: 2, padding: 1)),
  convolution("on three channels", channels: 3, outputs: 7, size: (9, 10), Window(3), relu: true),
  convolution("1x1", channels: 32, outputs: 48, size: (6, 6), Window(1), bias: false),
  convolution(
    "strided by 3", channels: 17, outputs: 5, size: (11, 14), Window(3, stride: 3, padding: 1)),
  convolution("asymmetric and dilated", channels: 4, outputs: 6, size: (10, 12), asymmetric),
  convolution(
    "in two groups", channels: 8, outputs: 6, size: (8, 8), Window(3, padding: 1), groups: 2,
    relu: true),
  convolution(
    "depthwise", channels: 24, outputs: 24, size: (8, 8), Window(3, padding: 1), groups: 24),
  convolution("wide", channels: 64, outputs: 64, size: (8, 8), Window(3, padding: 1), relu: true),
  OperatorCase(name: "linear") { graph in
    let x = graph.input("x", [Extents.batch, 37])
    let weight = graph.parameter("weight", [10, 37])
    return try graph.linear(x, weight: weight, bias: graph.parameter("bias", [10]))
  },
  OperatorCase(name: "linear with ReLU, no bias") { graph in
    let x = graph.input("x", [Extents.batch, 64])
    return try graph.relu(
      try graph.linear(x, weight: graph.parameter("weight", [128, 64]), bias: nil))
  },
  OperatorCase(name: "product of transposes") { graph in
    let left = graph.parameter("left", [7, 5])
    let right = graph.parameter("right", [3, 7])
    return try graph.apply(
      MatrixMultiply(transposesLeft: true, transposesRight: true), left, right)
  },
  elementwise(.relu), elementwise(.step), elementwise(.affine(factor: 0.5, offset: -2)),
  elementwise(.leakyReLU(slope: 0.1)), elementwise(.elu(alpha: 0.7)), elementwise(.sigmoid),
  elementwise(.gelu, range: -5...5), elementwise(.geluSlope, range: -5...5),
  elementwise(.tanh), elementwise(.softplus), elementwise(.exp),
  elementwise(.log, range: 0.1...3), elementwise(.erf), elementwise(.abs), elementwise(.sign),
  elementwise(.sin, range: -9...9), elementwise(.cos, range: -9...9),
  elementwise(.power(exponent: 3)), elementwise(.power(exponent: 1.7), range: 0.1...3),
  elementwise(.clip(lower: -0.7, upper: 1.1)), elementwise(.inside(lower: -1, upper: 0.5)),
  elementwise(.hardSigmoid(alpha: 0.4, beta: 0.3)), elementwise(.hardSwish, range: -5...5),
  elementwise(.hardSwishSlope, range: -5...5), elementwise(.floor), elementwise(.ceiling),
  elementwise(.round, range: -5...5),
  elementwise(.squareRoot, range: 0.1...3), elementwise(.square),
  elementwise(.reciprocal, range: 0.3...3),
  OperatorCase(name: "gelu") { graph in try graph.gelu(image(&graph, 3, 4, 4)) },
  OperatorCase(name: "x times x plus x") { graph in
    let x = image(&graph, 5, 3, 3)
    return try graph.add(try graph.multiply(x, x), x)
  },
  OperatorCase(name: "bias alone") { graph in
    try graph.addBias(image(&graph, 5, 3, 3), graph.parameter("bias", [5]))
  },
  OperatorCase(name: "mean over height and width") { graph in
    try graph.globalAveragePool(image(&graph, 5, 3, 4))
  },
  OperatorCase(name: "sum over the batch") { graph in
    try graph.apply(Reduce(axes: [0, 2]), image(&graph, 5, 3, 4))
  },
  OperatorCase(name: "concatenation") { graph in
    let x = image(&graph, 5, 3, 4)
    let other = graph.input("other", [Extents.batch, 2, 3, 4])
    return try graph.apply(Concatenate(axis: 1), x, other)
  },
  OperatorCase(name: "slice") { graph in
    try graph.apply(Slice(axis: 2, range: 1..<4), image(&graph, 3, 6, 4))
  },
  OperatorCase(name: "zeros around channels") { graph in
    try graph.apply(Pad(axis: 1, before: 2, after: 3), image(&graph, 3, 6, 4))
  },
  OperatorCase(name: "every second row and column") { graph in
    try graph.apply(AveragePool(Window(1, stride: 2)), image(&graph, 16, 7, 6))
  },
  OperatorCase(name: "ReLU up to 6", range: -9...9) { graph in
    try graph.relu6(image(&graph, 3, 6, 4))
  },
  OperatorCase(name: "batch norm of vectors, frozen", range: 0.2...1) { graph in
    try graph.batchNorm(
      graph.input("x", [Extents.batch, 9]), scale: graph.parameter("scale", [9]),
      shift: graph.parameter("shift", [9]), mean: graph.parameter("mean", [9]),
      variance: graph.parameter("variance", [9]), epsilon: 0.1)
  },
  OperatorCase(name: "batch norm of sequences, frozen", range: 0.2...1) { graph in
    try graph.batchNorm(
      graph.input("x", [Extents.batch, 9, 5]), scale: graph.parameter("scale", [9]),
      shift: graph.parameter("shift", [9]), mean: graph.parameter("mean", [9]),
      variance: graph.parameter("variance", [9]), epsilon: 0.1)
  },
  OperatorCase(name: "transpose") { graph in
    try graph.apply(Transpose([0, 3, 1, 2]), image(&graph, 3, 6, 4))
  },
  OperatorCase(name: "products of a batch") { graph in
    let left = graph.input("left", [Extents.batch, 3, 5, 7])
    let right = graph.input("right", [Extents.batch, 3, 7, 6])
    return try graph.apply(MatrixMultiply(), left, right)
  },
  OperatorCase(name: "products of a batch of transposes, ReLU") { graph in
    let left = graph.input("left", [Extents.batch, 7, 5])
    let right = graph.input("right", [Extents.batch, 6, 7])
    return try graph.relu(
      try graph.apply(
        MatrixMultiply(transposesLeft: true, transposesRight: true), left, right))
  },
  OperatorCase(name: "products of a batch, right transposed, ReLU") { graph in
    let left = graph.input("left", [Extents.batch, 5, 7])
    let right = graph.input("right", [Extents.batch, 6, 7])
    return try graph.relu(try graph.apply(MatrixMultiply(transposesRight: true), left, right))
  },
  OperatorCase(name: "standardisation over channels") { graph in
    try graph.apply(Standardize(axes: [1], epsilon: 0.1), image(&graph, 19, 3, 4))
  },
  OperatorCase(name: "standardisation over the last axis") { graph in
    try graph.apply(Standardize(axes: [3], epsilon: 0.1), image(&graph, 2, 3, 21))
  },
  OperatorCase(name: "standardisation over the batch and space") { graph in
    try graph.apply(Standardize(axes: [0, 2, 3], epsilon: 0.1), image(&graph, 5, 3, 4))
  },
  OperatorCase(name: "layer norm") { graph in
    try graph.layerNorm(
      image(&graph, 16, 3, 4), scale: graph.parameter("scale", [16]),
      shift: graph.parameter("shift", [16]), epsilon: 0.01)
  },
  OperatorCase(name: "variance") { graph in
    try graph.apply(Variance(axes: [0, 2, 3]), image(&graph, 5, 3, 4))
  },
  OperatorCase(name: "flatten and reshape") { graph in
    let flat = try graph.flatten(image(&graph, 3, 6, 4))
    return try graph.apply(Reshape(to: [Extents.batch, 6, 12]), flat)
  },
  OperatorCase(name: "max pooling") { graph in
    try graph.apply(MaxPool(Window(2, stride: 2)), image(&graph, 5, 8, 7))
  },
  OperatorCase(name: "max pooling, overlapping") { graph in
    try graph.apply(MaxPool(Window(3, stride: 2, padding: 1)), image(&graph, 16, 9, 7))
  },
  OperatorCase(name: "average pooling") { graph in
    try graph.apply(AveragePool(Window(2, stride: 2)), image(&graph, 16, 8, 7))
  },
  OperatorCase(name: "average pooling without padding") { graph in
    try graph.apply(
      AveragePool(Window(3, stride: 2, padding: 1), countsPadding: false), image(&graph, 5, 8, 7))
  },
  OperatorCase(name: "softmax") { graph in
    try graph.apply(Softmax(), graph.input("x", [Extents.batch, 11]))
  },
  OperatorCase(name: "log-softmax") { graph in
    try graph.apply(Softmax(logarithm: true), graph.input("x", [Extents.batch, 11]))
  },
  OperatorCase(name: "cross-entropy") { graph in
    let logits = graph.input("x", [Extents.batch, 4])
    // Labels from -2 to 4, of which -2, -1 and 4 name no class.
    let spread = try graph.affine(
      graph.input("labels", [Extents.batch]), factor: 3, offset: 1.5)
    let entropy = try graph.apply(
      CrossEntropy(), logits, try graph.apply(Elementwise(.floor), spread))
    return try graph.scale(entropy, by: 3)
  },
  OperatorCase(name: "batch norm, frozen", range: 0.2...1) { graph in
    let x = image(&graph, 6, 5, 4)
    return try graph.batchNorm(
      x, scale: graph.parameter("scale", [6]), shift: graph.parameter("shift", [6]),
      mean: graph.parameter("mean", [6]), variance: graph.parameter("variance", [6]),
      epsilon: 1e-5)
  },
  OperatorCase(name: "batch norm, training") { graph in
    let x = image(&graph, 6, 5, 4)
    let result = try graph.batchNormTraining(
      x, scale: graph.parameter("scale", [6]), shift: graph.parameter("shift", [6]),
      epsilon: 1e-5)
    graph.output("mean", result.mean)
    graph.output("variance", result.variance)
    return result.y
  },
  afterConvolution("sigmoid") { graph, y in try graph.apply(Elementwise(.sigmoid), y) },
  afterConvolution("step") { graph, y in try graph.apply(Elementwise(.step), y) },
  afterConvolution("sum with itself passed on") { graph, y in
    try graph.add(y, try graph.relu(y))
  },
  afterConvolution("flatten and linear") { graph, y in
    let pooled = try graph.apply(MaxPool(Window(2, stride: 2)), try graph.relu(y))
    let flat = try graph.flatten(pooled)
    let weight = graph.parameter("w2", [4, graph.extents(of: flat)[1]])
    return try graph.linear(flat, weight: weight, bias: graph.parameter("b2", [4]))
  },
  afterConvolution("frozen batch norm and pooling") { graph, y in
    let norm = try graph.batchNorm(
      y, scale: graph.parameter("scale", [20]), shift: graph.parameter("shift", [20]),
      mean: graph.parameter("mean", [20]),
      variance: try graph.apply(Elementwise(.square), graph.parameter("deviation", [20])),
      epsilon: 0.1)
    return try graph.apply(AveragePool(Window(3, stride: 3)), try graph.relu(norm))
  },
]

@Suite struct OperatorTests {
  /// An operator that the table lacks is computed by its definition, many times as slowly.
  @Test func onlyVariancesAreLeftToTheirDefinition() throws {
    var operators: Set<String> = []
    for row in operatorCases {
      var builder = GraphBuilder()
      builder.output("y", try row.build(&builder))
      let forward = builder.finish()
      let names = (forward.inputs + forward.parameters).map(\.name)
      let gradient = try forward.gradient(of: "y", cotangent: "dy", withRespectTo: names)
      for case .operation(let op, _, _) in gradient.nodes {
        operators.insert(String(describing: type(of: op)))
      }
    }
    #expect(operators.subtracting(Backend.oneDNN.operators) == ["Variance"])
  }

  @Test(arguments: operatorCases, [1, 3, 16])
  func engineEqualsDefinition(_ row: OperatorCase, batch: Int) throws {
    var builder = GraphBuilder()
    builder.output("y", try row.build(&builder))
    let forward = builder.finish()
    try EngineComparison(forward, batch: batch, seed: 1, from: row.range).check(row.name)

    let names = (forward.inputs + forward.parameters).map(\.name)
    let gradient = try forward.gradient(of: "y", cotangent: "dy", withRespectTo: names)
    try EngineComparison(gradient, batch: batch, seed: 2, from: row.range).check(
      tolerance: 2e-5, "gradients of \(row.name)")
    let input = try forward.gradient(
      of: "y", cotangent: "dy", withRespectTo: forward.inputs.map(\.name))
    try EngineComparison(input, batch: batch, seed: 3, from: row.range).check(
      tolerance: 2e-5, "input gradient of \(row.name)")
  }
}
