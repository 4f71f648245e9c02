import Graphs
import Tensors

let shapingCases: [OperatorCase] =
  gathers + resamplings + unusualPooling + sharedProducts + softmaxes

private let gathers: [OperatorCase] = [
  OperatorCase(name: "gather channels") { graph in
    try graph.apply(Gather(indices: [4, 0, 0, 3], axis: 1), image(&graph, 5, 3, 4))
  },
  OperatorCase(name: "gather columns") { graph in
    try graph.apply(Gather(indices: [3, 1], axis: 3), image(&graph, 5, 3, 4))
  },
  afterConvolution(channels: 16, "gather rows") { graph, y in
    try graph.apply(Gather(indices: [0, 0, 5, 2, 5], axis: 2), y)
  },
  OperatorCase(name: "slice backwards") { graph in
    try graph.apply(Slice(axis: 3, start: 6, step: -2, count: 4), image(&graph, 3, 2, 7))
  },
  OperatorCase(name: "pad with a value") { graph in
    try graph.apply(Pad(axis: 2, before: 2, after: 1, value: -1.5), image(&graph, 3, 2, 7))
  },
  afterConvolution("pad by reflection") { graph, y in
    try graph.pad(y, before: [0, 0, 2, 1], after: [0, 0, 1, 3], mode: .reflect)
  },
  OperatorCase(name: "transpose six axes") { graph in
    try graph.apply(
      Transpose([0, 3, 5, 1, 2, 4]), graph.input("x", [Extents.batch, 2, 3, 4, 2, 3]))
  },
  afterConvolution(channels: 16, "concatenate and slice") { graph, y in
    let both = try graph.apply(Concatenate(axis: 1), y, try graph.relu(y))
    return try graph.apply(Slice(axis: 1, range: 8..<24), both)
  },
  afterConvolution(channels: 12, "concatenate and slice unaligned") { graph, y in
    let both = try graph.apply(Concatenate(axis: 1), y, try graph.relu(y))
    return try graph.apply(Slice(axis: 1, range: 5..<19), both)
  },
]

private let resamplings: [OperatorCase] = [
  ("nearest", Resampling(.nearest(.floor), .asymmetric)), ("linear", Resampling(.linear)),
  ("cubic", Resampling(.cubic(coefficient: -0.75), .alignedCorners)),
].flatMap { name, resampling in
  [3, 16, 20, 32].map { channels in
    afterConvolution(channels: channels, "\(name) resampling of \(channels) channels") {
      graph, y in
      let rows = try graph.resample(y, axis: 2, to: 18, resampling)
      return try graph.resample(rows, axis: 3, to: 5, resampling)
    }
  }
}

private let unusualPooling: [OperatorCase] = [
  ("dilated", Window(2, stride: 2, dilation: 3)),
  ("dilated and padded", Window(3, padding: 2, dilation: 2)),
  ("rounded up", Window(kernel: 2, stride: 4, paddingAfter: .init(2, 1))),
].flatMap { name, window in
  [
    OperatorCase(name: "max pooling, \(name)") { graph in
      try graph.apply(MaxPool(window), image(&graph, 5, 9, 7))
    },
    afterConvolution(channels: 16, "max pooling, \(name), ReLU") { graph, y in
      try graph.relu(try graph.apply(MaxPool(window), y))
    },
    afterConvolution(channels: 16, "average pooling, \(name)") { graph, y in
      try graph.apply(AveragePool(window), y)
    },
    OperatorCase(name: "average pooling, \(name), without padding") { graph in
      try graph.apply(AveragePool(window, countsPadding: false), image(&graph, 5, 9, 7))
    },
    OperatorCase(name: "average pooling, \(name), with some padding") { graph in
      try graph.apply(
        AveragePool(window, uncounted: window.paddingAfter), image(&graph, 5, 9, 7))
    },
  ]
}

private let sharedProducts: [OperatorCase] =
  [(false, false), (false, true), (true, false), (true, true)].flatMap { left, right in
    let product = MatrixMultiply(transposesLeft: left, transposesRight: right)
    let label = "left transposed \(left), right transposed \(right)"
    let leftShape = left ? [21, 6] : [6, 21]
    let rightShape = right ? [10, 21] : [21, 10]
    return [
      OperatorCase(name: "products with one right matrix, \(label)") { graph in
        try graph.apply(
          product, graph.input("x", Extents([Extents.batch, 3] + leftShape)),
          graph.parameter("weight", Shape(rightShape)))
      },
      OperatorCase(name: "products with one left matrix, \(label)") { graph in
        try graph.apply(
          product, graph.parameter("weight", Shape(leftShape)),
          graph.input("x", Extents([Extents.batch] + rightShape)))
      },
      OperatorCase(name: "fixed products with one left matrix, \(label)") { graph in
        let x = graph.input("x", [Extents.batch, 2])
        let products = try graph.apply(
          product, graph.parameter("weight", Shape(leftShape)),
          graph.parameter("many", Shape([2, 3] + rightShape)))
        let sums = try graph.apply(Reduce(axes: [1, 2, 3]), products)
        return try graph.multiply(x, try graph.perChannel(sums, like: x))
      },
    ]
  }

private let softmaxes: [OperatorCase] = [1, 2, -2].flatMap { axis in
  [false, true].map { logarithm in
    OperatorCase(name: "softmax over \(axis), logarithm \(logarithm)") { graph in
      try graph.apply(Softmax(axis: axis, logarithm: logarithm), image(&graph, 5, 6, 7))
    }
  }
}

/// Transposed convolutions as layers of their own, not only as gradients.
let transposedConvolutions: [OperatorCase] = [
  ("doubling", 16, 8, Window(4, stride: 2, padding: 1), Window.Pair(8, 12), 1),
  ("doubling with a rest", 20, 12, Window(3, stride: 2, padding: 1), Window.Pair(8, 12), 1),
  ("to an image", 24, 3, Window(5, padding: 2), Window.Pair(4, 6), 1),
  ("dilated", 8, 8, Window(3, padding: 2, dilation: 2), Window.Pair(4, 6), 1),
  ("in groups", 12, 6, Window(3, stride: 2, padding: 1), Window.Pair(7, 11), 3),
  ("depthwise", 16, 16, Window(3, stride: 2, padding: 1), Window.Pair(8, 11), 16),
  (
    "of a row", 7, 5, Window(kernel: .init(1, 4), stride: .init(1, 3)), Window.Pair(4, 20), 1
  ),
].map { name, inputs, outputs, window, size, groups in
  OperatorCase(name: "transposed convolution \(name)") { graph in
    guard let inputSize = window.outputSize(of: size) else {
      throw GraphError.operands(operator: name, expected: "a window that fits", found: [])
    }
    let x = image(&graph, inputs, inputSize.height, inputSize.width)
    let weight = graph.parameter(
      "weight", [inputs, outputs / groups, window.kernel.height, window.kernel.width])
    let y = try graph.apply(
      ConvolutionInputGradient(Convolution(window, groups: groups), inputSize: size), x, weight)
    return try graph.relu(try graph.addBias(y, graph.parameter("bias", [outputs])))
  }
}
