import Certificates
import Graphs
import Tensors

extension BoundCase {
  /// Layers that are affine in their input: their intervals are exact.
  static let affine: [BoundCase] = [
    BoundCase("linear", [4]) { graph, x in
      try graph.linear(
        x, weight: graph.parameter("weight", [3, 4]), bias: graph.parameter("bias", [3]))
    },
    BoundCase("product from the left", [4, 2]) { graph, x in
      try graph.apply(MatrixMultiply(), graph.parameter("weight", [3, 4]), x)
    },
    BoundCase("convolution", [2, 4, 5]) { graph, x in
      try graph.convolution(
        x, weight: graph.parameter("weight", [3, 2, 3, 2]), bias: graph.parameter("bias", [3]),
        Window(kernel: .init(3, 2), stride: .init(2, 1), paddingBefore: 1, paddingAfter: 1))
    },
    BoundCase("grouped convolution", [4, 3, 3]) { graph, x in
      try graph.convolution(
        x, weight: graph.parameter("weight", [6, 2, 2, 2]), bias: nil, Window(2), groups: 2)
    },
    BoundCase("transposed convolution", [2, 2, 2]) { graph, x in
      try graph.apply(
        ConvolutionInputGradient(Convolution(Window(2)), inputSize: .init(3, 3)), x,
        graph.parameter("weight", [2, 3, 2, 2]))
    },
    BoundCase("exact operands", [3]) { graph, x in
      let factor = try graph.perChannel(graph.parameter("factor", [3]), like: x)
      let divisor = try graph.perChannel(graph.parameter("positive divisor", [3]), like: x)
      let offset = try graph.perChannel(graph.parameter("offset", [3]), like: x)
      let quotient = try graph.apply(Arithmetic(.divide), try graph.multiply(factor, x), divisor)
      return try graph.subtract(offset, quotient)
    },
    BoundCase("batch normalisation", [3, 2, 2]) { graph, x in
      try graph.batchNorm(
        x, scale: graph.parameter("scale", [3]), shift: graph.parameter("shift", [3]),
        mean: graph.parameter("mean", [3]), variance: graph.parameter("positive variance", [3]),
        epsilon: 1e-3)
    },
    BoundCase("scale", [3], Elementwise(.affine(factor: -1.5, offset: 0.25))),
    BoundCase("scale of a layer", [3]) { graph, x in
      let y = try graph.linear(x, weight: graph.parameter("weight", [2, 3]), bias: nil)
      return try graph.affine(y, factor: -2, offset: 1)
    },
    BoundCase(
      "average pooling", [2, 4, 4], AveragePool(Window(2, stride: 2, padding: 1))),
    BoundCase("mean", [2, 3, 2], Reduce(axes: [2, 3], isMean: true)),
    BoundCase("sum", [2, 3], Reduce(axes: [1])),
    BoundCase("reshape", [2, 3], Reshape(to: [Extents.batch, 3, 2])),
    BoundCase("transpose", [2, 3], Transpose([0, 2, 1])),
    BoundCase("slice", [5], Slice(axis: 1, start: 4, step: -2, count: 2)),
    BoundCase("gathering", [4], Gather(indices: [3, 0, 3], axis: 1)),
    BoundCase("padding", [2, 2], Pad(axis: 2, before: 1, after: 2, value: 0.5)),
    BoundCase("padding of a layer", [3]) { graph, x in
      let y = try graph.linear(x, weight: graph.parameter("weight", [2, 3]), bias: nil)
      return try graph.apply(Pad(axis: 1, before: 1, after: 0, value: -2), y)
    },
    BoundCase("broadcast", [2], Broadcast(to: [Extents.batch, 2, 3], axes: [2])),
    BoundCase("expansion", [2, 1], Expand(to: [Extents.batch, 2, 3])),
    BoundCase("concatenation", [2]) { graph, x in
      let fixed = try graph.scale(x, by: 0)
      return try graph.apply(Concatenate(axis: 1), x, fixed, x)
    },
    BoundCase("concatenation of layers", [2]) { graph, x in
      let y = try graph.linear(x, weight: graph.parameter("weight", [2, 2]), bias: nil)
      return try graph.apply(Concatenate(axis: 1), y, x)
    },
    BoundCase(
      "sparse product", [3],
      SparseProduct(
        SparseMatrix(
          rows: [[.init(0, -1), .init(2, 0.5)], [.init(1, 2), .init(1, -0.5)]], columnCount: 3),
        axis: 1)),
  ]

  private static let functions: [(Elementwise.Function, least: Double?)] = [
    (.relu, nil), (.step, nil), (.leakyReLU(slope: 0.125), nil), (.leakyReLU(slope: -0.5), nil),
    (.elu(alpha: 0.7), nil), (.elu(alpha: -0.7), nil), (.sigmoid, nil), (.tanh, nil),
    (.softplus, nil), (.exp, nil), (.log, 0.1), (.erf, nil), (.gelu, nil), (.abs, nil),
    (.sign, nil), (.squareRoot, 0), (.square, nil), (.power(exponent: 3), nil),
    (.power(exponent: 4), nil), (.power(exponent: 0), nil), (.power(exponent: 1.5), 0),
    (.clip(lower: -0.55, upper: 0.65), nil), (.hardSigmoid(alpha: 0.7, beta: 0.4), nil),
    (.hardSigmoid(alpha: -0.7, beta: 0.4), nil), (.hardSwish, nil), (.floor, nil), (.ceiling, nil),
    (.round, nil),
  ]

  /// Functions of each element by itself: their intervals are exact.
  static let elementwise: [BoundCase] = functions.map { function, least in
    BoundCase("\(function)", [40], least: least, Elementwise(function))
  }

  /// Operators whose intervals are exact, though they are not affine, and some whose are not.
  static let others: [BoundCase] = [
    BoundCase("max pooling", [2, 4, 4], MaxPool(Window(2, stride: 2))),
    BoundCase("maximum over axes", [3, 2], Extremum(axes: [1], isMaximum: true)),
    BoundCase("minimum over axes", [3, 2], Extremum(axes: [2], isMaximum: false)),
    BoundCase("softmax", [4], Softmax()),
    BoundCase("log-softmax", [3, 4], Softmax(logarithm: true)),
    BoundCase("maximum of two layers", [3]) { graph, x in
      let y = try graph.linear(x, weight: graph.parameter("weight", [3, 3]), bias: nil)
      return try graph.apply(Arithmetic(.maximum), x, y)
    },
    BoundCase("minimum with a constant", [3]) { graph, x in
      try graph.apply(Arithmetic(.minimum), try graph.scale(x, by: 0), x)
    },
    BoundCase("product of two layers", [3]) { graph, x in
      let y = try graph.linear(x, weight: graph.parameter("weight", [3, 3]), bias: nil)
      return try graph.multiply(x, y)
    },
    BoundCase("difference of two layers", [3]) { graph, x in
      let y = try graph.linear(x, weight: graph.parameter("weight", [3, 3]), bias: nil)
      return try graph.subtract(try graph.relu(x), y)
    },
  ]

  /// Networks of several layers drawn at random.
  static let networks: [BoundCase] = (0..<24).map { seed in
    BoundCase("network \(seed)", [2, 5, 5]) { graph, x in
      try randomNetwork(on: x, seed: seed, in: &graph)
    }
  }

  /// Convolutions, normalisations, activations, residual sums and pooling, then linear layers to three scores.
  private static func randomNetwork(
    on x: Value, seed: Int, in graph: inout GraphBuilder
  ) throws -> Value {
    var generator = RandomKey(seed: UInt64(seed)).child("network").generator
    var y = x
    for layer in 0..<3 {
      let channels = graph.extents(of: y)[1]
      let kind = generator.integer(below: 6)
      let before = y
      y = try graph.convolution(
        y, weight: graph.parameter("conv\(layer)", [channels, channels, 3, 3]),
        bias: kind % 2 == 0 ? graph.parameter("bias\(layer)", [channels]) : nil,
        Window(3, padding: 1))
      if kind < 3 {
        y = try graph.batchNorm(
          y, scale: graph.parameter("scale\(layer)", [channels]),
          shift: graph.parameter("shift\(layer)", [channels]),
          mean: graph.parameter("mean\(layer)", [channels]),
          variance: graph.parameter("positive variance\(layer)", [channels]), epsilon: 1e-3)
      }
      if kind == 1 || kind == 4 { y = try graph.add(y, before) }
      let functions: [Elementwise.Function] = [
        .relu, .tanh, .gelu, .relu, .abs, .clip(lower: -1, upper: 2),
      ]
      y = try graph.apply(Elementwise(functions[kind]), y)
      if kind == 5 { y = try graph.apply(MaxPool(Window(2, stride: 1)), y) }
      if kind == 2 { y = try graph.apply(AveragePool(Window(2, stride: 1)), y) }
    }
    let flat = try graph.flatten(y)
    let hidden = try graph.relu(
      try graph.linear(
        flat, weight: graph.parameter("first", [6, graph.extents(of: flat)[1]]),
        bias: graph.parameter("first bias", [6])))
    return try graph.linear(
      hidden, weight: graph.parameter("last", [3, 6]), bias: graph.parameter("last bias", [3]))
  }
}
