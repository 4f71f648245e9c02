import Graphs
import Tensors

/// Every operator and layer in several configurations; a new operator is one more row.
enum OperatorTable {
  static let all =
    convolutions + matrixProducts + elementwise + arithmetic + reductions + broadcasts
    + rearrangements + pooling + softmax + crossEntropies + layers + standardizations + transposes
    + choices
    + expansions + selections + resamplings + unusualPooling + sharedProducts

  static let convolutions = convolutionConfigurations.flatMap(rows)

  private struct ConvolutionConfiguration {
    let name: String
    let window: Window
    var groups = 1
    let input: Shape
    let outputs: Int
  }

  private static let convolutionConfigurations: [ConvolutionConfiguration] = [
    .init(name: "3x3 same", window: Window(3, padding: 1), input: [2, 5, 4], outputs: 3),
    .init(name: "1x1", window: Window(1), input: [3, 3, 2], outputs: 2),
    .init(name: "1x1 stride 2", window: Window(1, stride: 2), input: [2, 5, 4], outputs: 2),
    .init(
      name: "stride leaves a rest", window: Window(3, stride: 2), input: [2, 6, 8], outputs: 2),
    .init(
      name: "asymmetric",
      window: Window(
        kernel: .init(3, 2), stride: .init(2, 1), paddingBefore: .init(1, 0),
        paddingAfter: .init(0, 2)), input: [2, 5, 4], outputs: 3),
    .init(
      name: "dilated", window: Window(kernel: .init(2, 3), dilation: .init(3, 2)),
      input: [2, 5, 7], outputs: 2),
    .init(
      name: "dilated same", window: Window(3, padding: 2, dilation: 2), input: [1, 5, 4],
      outputs: 2),
    .init(name: "grouped", window: Window(2, padding: 1), groups: 2, input: [4, 3, 3], outputs: 6),
    .init(
      name: "depthwise", window: Window(3, stride: 2, padding: 1), groups: 3, input: [3, 5, 5],
      outputs: 3),
    .init(
      name: "depthwise with multiplier", window: Window(2), groups: 2, input: [2, 3, 4],
      outputs: 4),
    .init(name: "kernel of the input's size", window: Window(3), input: [2, 3, 3], outputs: 3),
    .init(
      name: "more padding than kernel", window: Window(2, stride: 2, padding: 3), input: [1, 3, 2],
      outputs: 2),
    .init(
      name: "everything at once",
      window: Window(
        kernel: .init(2, 3), stride: .init(3, 2), paddingBefore: .init(2, 0),
        paddingAfter: .init(1, 3), dilation: .init(2, 1)), groups: 2, input: [4, 5, 6], outputs: 4),
  ]

  /// The convolution and its two gradients.
  private static func rows(_ configuration: ConvolutionConfiguration) -> [OperatorCase] {
    let convolution = Convolution(configuration.window, groups: configuration.groups)
    let input = configuration.input
    let size = Window.Pair(input[1], input[2])
    let kernel = configuration.window.kernel
    guard let outputSize = configuration.window.outputSize(of: size) else {
      preconditionFailure("\(configuration.name) does not fit")
    }
    let x = OperatorCase.Operand.batch(input)
    let weight = OperatorCase.Operand.parameter([
      configuration.outputs, input[0] / configuration.groups, kernel.height, kernel.width,
    ])
    let dy = OperatorCase.Operand.batch([
      configuration.outputs, outputSize.height, outputSize.width,
    ])
    return [
      OperatorCase("convolution, \(configuration.name)", [x, weight], convolution),
      OperatorCase(
        "convolution's input gradient, \(configuration.name)", [dy, weight],
        ConvolutionInputGradient(convolution, inputSize: size)),
      OperatorCase(
        "convolution's weight gradient, \(configuration.name)", [x, dy],
        ConvolutionWeightGradient(convolution)),
    ]
  }

  static let matrixProducts: [OperatorCase] = [
    OperatorCase("product, batch rows", [.batch([3]), .parameter([3, 4])], MatrixMultiply()),
    OperatorCase(
      "product, batch rows, right transposed", [.batch([3]), .parameter([4, 3])],
      MatrixMultiply(transposesRight: true)),
    OperatorCase(
      "product, batch contracted", [.batch([3]), .batch([4])],
      MatrixMultiply(transposesLeft: true)),
    OperatorCase("product, fixed", [.parameter([2, 3]), .parameter([3, 4])], MatrixMultiply()),
    OperatorCase(
      "product, fixed, left transposed", [.parameter([3, 2]), .single([3, 4])],
      MatrixMultiply(transposesLeft: true)),
    OperatorCase(
      "product, fixed, right transposed", [.single([2, 3]), .parameter([4, 3])],
      MatrixMultiply(transposesRight: true)),
    OperatorCase(
      "product, fixed, both transposed", [.parameter([3, 2]), .parameter([4, 3])],
      MatrixMultiply(transposesLeft: true, transposesRight: true)),
    OperatorCase(
      "products of a batch", [.batch([2, 3]), .batch([3, 4])], MatrixMultiply()),
    OperatorCase(
      "products of a batch, left transposed", [.batch([2, 3, 2]), .batch([2, 3, 4])],
      MatrixMultiply(transposesLeft: true)),
    OperatorCase(
      "products of a batch, right transposed", [.batch([2, 2, 3]), .batch([2, 4, 3])],
      MatrixMultiply(transposesRight: true)),
    OperatorCase(
      "fixed products, both transposed", [.parameter([2, 3, 2]), .single([2, 4, 3])],
      MatrixMultiply(transposesLeft: true, transposesRight: true)),
    OperatorCase("Gram matrix", [.batch([3])]) { graph, x in
      [try graph.apply(MatrixMultiply(transposesLeft: true), x[0], x[0])]
    },
  ]

  static let functions: [Elementwise.Function] = [
    .relu, .step, .affine(factor: -1.5, offset: 0.25), .affine(factor: 0, offset: 1),
    .leakyReLU(slope: 0.125), .leakyReLU(slope: 0.01), .elu(alpha: 1), .elu(alpha: 0.7), .sigmoid,
    .tanh, .softplus, .exp, .log, .erf, .gelu,
    .geluSlope, .abs, .sign, .squareRoot, .square, .reciprocal, .sin, .cos, .power(exponent: 3),
    .power(exponent: -2), .power(exponent: 1), .power(exponent: 0), .power(exponent: 1.5),
    .clip(lower: -0.55, upper: 0.65), .clip(lower: -10, upper: 10), .inside(lower: 0, upper: 0.7),
    .hardSigmoid(alpha: 0.7, beta: 0.4), .hardSwish, .hardSwishSlope, .floor, .ceiling, .round,
  ]

  /// Where a function is defined and smooth; exhaustive, so that a new function is not forgotten here.
  private static func domain(of function: Elementwise.Function) -> Domain {
    switch function {
    case .relu, .step, .affine, .leakyReLU, .elu, .sigmoid, .tanh, .softplus, .exp, .erf, .gelu,
      .geluSlope, .abs, .sign, .square, .reciprocal, .sin, .cos, .clip, .inside, .hardSigmoid,
      .hardSwish, .hardSwishSlope:
      .awayFromZero
    case .floor, .ceiling, .round: .distinct
    case .power(let exponent): exponent.rounded() == exponent ? .awayFromZero : .positive
    case .log, .squareRoot: .positive
    }
  }

  private static let flat: Set<Elementwise.Function> = [
    .step, .sign, .affine(factor: 0, offset: 1), .inside(lower: 0, upper: 0.7), .floor, .ceiling,
    .round, .power(exponent: 0),
  ]

  static let elementwise: [OperatorCase] =
    functions.map { function in
      OperatorCase(
        "\(function)", [.batch([3, 2], domain(of: function))], isFlat: flat.contains(function),
        Elementwise(function))
    }

  static let arithmetic: [OperatorCase] =
    [
      OperatorCase("tanh of a scalar", [.single([])], Elementwise(.tanh)),
      OperatorCase("add", [.batch([2, 3]), .batch([2, 3])], Arithmetic(.add)),
      OperatorCase("multiply", [.batch([2, 3]), .batch([2, 3])], Arithmetic(.multiply)),
      OperatorCase("multiply scalars", [.single([]), .parameter([])], Arithmetic(.multiply)),
      OperatorCase("subtract", [.parameter([5]), .single([5])]) { graph, x in
        [try graph.subtract(x[0], x[1])]
      },
      OperatorCase("x + x", [.batch([3])]) { graph, x in [try graph.add(x[0], x[0])] },
      OperatorCase("x * x * x", [.batch([3])]) { graph, x in
        [try graph.multiply(try graph.multiply(x[0], x[0]), x[0])]
      },
      OperatorCase("chain with a constant", [.batch([3])]) { graph, x in
        let constant = graph.constant(Tensor([0.5, -1.25, 2], shape: [3]))
        let repeated = try graph.apply(
          Broadcast(to: graph.extents(of: x[0]), axes: [0]), constant)
        return [try graph.apply(Elementwise(.tanh), try graph.multiply(x[0], repeated))]
      },
    ]

  private static let reducedAxes: [[Int]] =
    [[], [0], [1], [2], [3], [2, 3], [0, 2, 3], [1, 3], [3, 0], [0, 1, 2, 3]]

  static let reductions: [OperatorCase] = reducedAxes.flatMap { axes in
    [false, true].map { isMean in
      OperatorCase(
        "\(isMean ? "mean" : "sum") over \(axes)", [.batch([3, 2, 4])],
        Reduce(axes: axes, isMean: isMean))
    }
  }

  static let broadcasts: [OperatorCase] = [false, true].flatMap { isMean in
    [
      OperatorCase(
        "broadcast scalar, mean \(isMean)", [.single([])],
        Broadcast(to: [2, 3], axes: [1, 0], isMean: isMean)),
      OperatorCase(
        "broadcast channels, mean \(isMean)", [.parameter([3]), .batch([3, 2, 2])]
      ) { graph, x in
        let like = graph.extents(of: x[1])
        let wide = try graph.apply(Broadcast(to: like, axes: [0, 2, 3], isMean: isMean), x[0])
        return [try graph.multiply(x[1], wide)]
      },
      OperatorCase(
        "broadcast of a batch, mean \(isMean)", [.batch([3])],
        Broadcast(to: [Extents.batch, 2, 3, 4], axes: [1, 3], isMean: isMean)),
      OperatorCase(
        "broadcast along nothing, mean \(isMean)", [.batch([3])],
        Broadcast(to: [Extents.batch, 3], axes: [], isMean: isMean)),
    ]
  }

  static let rearrangements: [OperatorCase] = [
    OperatorCase(
      "reshape batch", [.batch([3, 2, 4])], Reshape(to: [Extents.batch, 4, 6])),
    OperatorCase("reshape parameter", [.parameter([3, 4])], Reshape(to: [2, 6])),
    OperatorCase("reshape to scalar", [.single([1, 1])], Reshape(to: [])),
    OperatorCase(
      "concatenate channels", [.batch([1, 2, 3]), .batch([3, 2, 3]), .batch([2, 2, 3])],
      Concatenate(axis: 1)),
    OperatorCase(
      "concatenate innermost", [.batch([2, 3]), .batch([2, 1])], Concatenate(axis: 2)),
    OperatorCase(
      "concatenate parameters", [.parameter([2, 3]), .parameter([1, 3])], Concatenate(axis: 0)),
    OperatorCase("concatenate one", [.batch([2, 3])], Concatenate(axis: 1)),
    OperatorCase("concatenate a value with itself", [.batch([2])]) { graph, x in
      [try graph.apply(Concatenate(axis: 1), x[0], x[0])]
    },
    OperatorCase("slice first", [.batch([5, 3])], Slice(axis: 1, range: 0..<2)),
    OperatorCase("slice last", [.batch([2, 5])], Slice(axis: 2, range: 3..<5)),
    OperatorCase("slice all", [.batch([4])], Slice(axis: 1, range: 0..<4)),
    OperatorCase("slice parameter", [.parameter([5, 3])], Slice(axis: 0, range: 1..<3)),
    OperatorCase("pad both sides", [.batch([3, 2])], Pad(axis: 1, before: 1, after: 2)),
    OperatorCase("pad innermost", [.batch([3, 2])], Pad(axis: 2, before: 0, after: 2)),
    OperatorCase("pad parameter", [.parameter([2, 2])], Pad(axis: 0, before: 2, after: 0)),
  ]

  private static let poolings: [(name: String, window: Window, input: Shape)] = [
    ("2x2 stride 2", Window(2, stride: 2), [2, 4, 4]),
    ("overlapping", Window(3, stride: 2), [2, 5, 5]),
    ("overlapping, padded", Window(3, stride: 2, padding: 1), [2, 6, 5]),
    (
      "asymmetric",
      Window(
        kernel: .init(3, 2), stride: .init(1, 2), paddingBefore: .init(2, 0),
        paddingAfter: .init(1, 1)), [2, 4, 5]
    ),
    ("global", Window(kernel: .init(3, 4)), [3, 3, 4]),
  ]

  static let pooling: [OperatorCase] = poolings.flatMap { name, window, input in
    let maxPool = MaxPool(window)
    let size = Window.Pair(input[1], input[2])
    guard let outputSize = window.outputSize(of: size) else {
      preconditionFailure("\(name) does not fit")
    }
    let dy = OperatorCase.Operand.batch([input[0], outputSize.height, outputSize.width])
    let maxPools = [
      OperatorCase("max pool, \(name)", [.batch(input, .distinct)], maxPool),
      OperatorCase(
        "max pool's scatter, \(name)", [dy, .batch(input, .distinct)], MaxPoolScatter(maxPool)),
      OperatorCase(
        "max pool's gather, \(name)", [.batch(input), .batch(input, .distinct)],
        MaxPoolGather(maxPool)),
    ]
    let averages = [true, false].flatMap { countsPadding in
      let average = AveragePool(window, countsPadding: countsPadding)
      let label = "\(name), padding \(countsPadding ? "counts" : "does not count")"
      return [
        OperatorCase("average pool, \(label)", [.batch(input)], average),
        OperatorCase(
          "average pool's gradient, \(label)", [dy],
          AveragePoolGradient(average, inputSize: size)),
      ]
    }
    return maxPools + averages
  }

  static let softmax: [OperatorCase] = [false, true].flatMap { logarithm in
    let op = Softmax(logarithm: logarithm)
    return [
      OperatorCase("\(op.name) of a batch", [.batch([5])], op),
      OperatorCase("\(op.name) of a sequence", [.batch([3, 4])], op),
      OperatorCase("\(op.name) of a vector", [.parameter([4])], op),
    ]
  }

  static let crossEntropies: [OperatorCase] = [[0.0, 2], [-1, 1], [2, 3]].flatMap { labels in
    let labels = Tensor(labels.map(Float.init), shape: [2])
    return [
      OperatorCase("cross-entropy with \(labels.scalars)", [.single([2, 3])]) { graph, x in
        [try graph.apply(CrossEntropy(), x[0], graph.constant(labels))]
      },
      OperatorCase(
        "cross-entropy's gradient with \(labels.scalars)", [.single([2, 3]), .single([])]
      ) { graph, x in
        [try graph.apply(CrossEntropyGradient(), x[0], graph.constant(labels), x[1])]
      },
    ]
  }

  static let standardizations: [OperatorCase] = [
    ([1], Shape([4, 2])), ([0], [3]), ([0, 2, 3], [2, 2, 2]), ([2], [2, 5]), ([1, 2], [3, 2]),
  ].flatMap { axes, shape in
    let op = Standardize(axes: axes, epsilon: 0.1)
    return [
      OperatorCase("standardisation over \(axes) of \(shape)", [.batch(shape)], op),
      OperatorCase(
        "standardisation's gradient over \(axes) of \(shape)", [.batch(shape), .batch(shape)],
        StandardizeGradient(op)),
      OperatorCase("variance over \(axes) of \(shape)", [.batch(shape)], Variance(axes: axes)),
    ]
  }

  static let transposes: [OperatorCase] = [
    OperatorCase("transpose of a batch", [.batch([2, 3, 4])], Transpose([0, 3, 1, 2])),
    OperatorCase("transpose of a matrix", [.parameter([2, 3])], Transpose([1, 0])),
    OperatorCase("transpose in place", [.single([2, 2, 3])], Transpose([0, 1, 2])),
  ]

  static let layers: [OperatorCase] = [
    OperatorCase(
      "layer norm", [.batch([4, 3]), .parameter([4]), .parameter([4])]
    ) { graph, x in
      [try graph.layerNorm(x[0], scale: x[1], shift: x[2], epsilon: 0.05)]
    },
    OperatorCase("linear", [.batch([4]), .parameter([3, 4]), .parameter([3])]) { graph, x in
      [try graph.linear(x[0], weight: x[1], bias: x[2])]
    },
    OperatorCase("linear without bias", [.batch([4]), .parameter([3, 4])]) { graph, x in
      [try graph.linear(x[0], weight: x[1], bias: nil)]
    },
    OperatorCase(
      "convolution layer", [.batch([2, 3, 4]), .parameter([3, 2, 2, 2]), .parameter([3])]
    ) { graph, x in
      [try graph.convolution(x[0], weight: x[1], bias: x[2], Window(2, padding: 1))]
    },
    OperatorCase("bias of images", [.batch([3, 2, 2]), .parameter([3])]) { graph, x in
      [try graph.addBias(x[0], x[1])]
    },
    OperatorCase("relu layer", [.batch([4])]) { graph, x in [try graph.relu(x[0])] },
    OperatorCase("gelu", [.batch([2, 3])]) { graph, x in [try graph.gelu(x[0])] },
    OperatorCase(
      "batch norm, frozen",
      [
        .batch([3, 2, 2]), .parameter([3]), .parameter([3]), .parameter([3]),
        .parameter([3], .positive),
      ]
    ) { graph, x in
      [
        try graph.batchNorm(
          x[0], scale: x[1], shift: x[2], mean: x[3], variance: x[4], epsilon: 1e-3)
      ]
    },
    OperatorCase(
      "batch norm of vectors, frozen",
      [
        .batch([4]), .parameter([4]), .single([4]), .parameter([4]), .single([4], .positive),
      ], BatchNormalization(epsilon: 0.25)),
    OperatorCase(
      "batch norm with x as its own scale",
      [.single([1, 3]), .parameter([3]), .parameter([3], .positive)]
    ) { graph, x in
      let row = try graph.apply(Reshape(to: [3]), x[0])
      return [
        try graph.apply(BatchNormalization(epsilon: 0.5), x[0], row, x[1], row, x[2])
      ]
    },
    OperatorCase(
      "batch norm, training, with statistics",
      [.batch([3, 2, 2]), .parameter([3]), .parameter([3])]
    ) { graph, x in
      let norm = try graph.batchNormTraining(x[0], scale: x[1], shift: x[2], epsilon: 1e-3)
      return [norm.y, norm.mean, norm.variance]
    },
    OperatorCase(
      "batch norm of vectors, training", [.batch([3]), .parameter([3]), .parameter([3])]
    ) { graph, x in
      [try graph.batchNormTraining(x[0], scale: x[1], shift: x[2], epsilon: 0.125).y]
    },
    OperatorCase("global average pool", [.batch([3, 2, 4])]) { graph, x in
      [try graph.globalAveragePool(x[0])]
    },
    OperatorCase("flatten", [.batch([3, 2, 2])]) { graph, x in [try graph.flatten(x[0])] },
    OperatorCase(
      "residual block", [.batch([2, 3, 3]), .parameter([2, 2, 3, 3]), .parameter([2])]
    ) { graph, x in
      let convolved = try graph.convolution(
        x[0], weight: x[1], bias: x[2], Window(3, padding: 1))
      return [try graph.add(x[0], try graph.apply(Elementwise(.softplus), convolved))]
    },
  ]
}
