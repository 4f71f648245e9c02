import Engine
import Graphs
import Networks
import Tensors
import Testing

@Suite("Results do not depend on the batch", .serialized)
struct BatchIndependenceTests {
  /// Every size for which a plan is made up to 128, and counts between them that leave rows idle.
  static let sizes = [1, 2, 3, 4, 5, 6, 7, 8, 12, 13, 16, 24, 32, 33, 48, 64, 96, 127, 128]

  @Test(
    "a row's scores and gradient are the same bits at every batch size, place and company",
    arguments: [
      "mnist-small", "mnist-madry", "mnist-mlp", "lenet5", "mixed", "residual", "transformer",
      "foreign",
    ],
    [true, false])
  func rows(name: String, frozen: Bool) throws {
    let small = [
      "mixed": mixed, "residual": residual, "transformer": transformer, "foreign": foreign,
    ]
    let network = try CompiledNetwork(
      small[name]?() ?? Architecture.named(name).network(seed: 3), isFrozen: frozen)
    let key = RandomKey(seed: 17).child(name)
    var generator = key.generator
    let pool = (0..<160).map { _ in generator.uniforms(network.inputShape) }
    let labels = pool.indices.map { $0 % network.outputCount }
    let alone = try pool.indices.map { index in
      try network.crossEntropyGradient(of: .stacking([pool[index]]), labels: [labels[index]])
    }
    for size in Self.sizes {
      var misfits: Set<Int> = []
      for round in 0..<(size <= 16 ? 2 : 1) {
        var random = key.child(size).child(round).generator
        let chosen = Array(random.permutation(of: pool.count).prefix(size))
        let rows = Tensor.stacking(chosen.map { pool[$0] })
        let scores = try network.scores(of: rows)
        let found = try network.crossEntropyGradient(of: rows, labels: chosen.map { labels[$0] })
        for (place, index) in chosen.enumerated() {
          let expected = alone[index]
          if !equal(scores.row(place), expected.scores)
            || !equal(found.scores.row(place), expected.scores)
            || !equal(found.gradient.row(place), expected.gradient)
          {
            misfits.insert(place)
          }
        }
      }
      #expect(misfits.isEmpty, "\(name), frozen \(frozen), \(size) rows: \(misfits.sorted())")
    }
  }

  /// A network of what the known forms do not have.
  private func mixed() throws -> Network {
    let input = InputDescription(
      shape: [3, 13, 12], mean: [0.4, 0.5, 0.6], standardDeviation: [0.2, 0.25, 0.3])
    return try Network("mixed", input: input, seed: 4) {
      Convolve(16, kernel: 3, padding: 1)
      Activation(.leakyReLU(slope: 0.1))
      Convolve(32, kernel: 3, stride: 2, padding: 1, groups: 2)
      Activation(.softplus)
      Convolve(32, kernel: 3, padding: 1, groups: 32)
      AveragePooling(2)
      Convolve(48, kernel: 1)
      ReLU()
      Convolve(64, kernel: 3, padding: 1)
      Activation(.tanh)
      MaxPooling(3, stride: 2, padding: 1)
      Flatten()
      Linear(33)
      Activation(.elu(alpha: 1))
      Linear(7)
    }
  }

  /// Residual blocks of each kind, which the large known forms have more of.
  private func residual() throws -> Network {
    var network = try Network("residual", input: InputDescription(shape: [3, 12, 12]), seed: 5) {
      Convolve(16, kernel: 3, padding: 1, bias: .absent)
      BatchNorm()
      ReLU6()
      for stride in [1, 2] { ResidualBlock(channels: 16 * stride, stride: stride) }
      BatchNorm()
      ReLU()
      GlobalAveragePooling()
      Linear(7)
    }
    var generator = RandomKey(seed: 6).generator
    try network.load(
      network.parameters.mapValues { tensor in
        tensor.shape.rank == 1 ? generator.uniforms(tensor.shape).map { $0 + 0.25 } : tensor
      })
    return network
  }

  /// A small transformer, whose first values are made larger so that attention is not uniform.
  private func transformer() throws -> Network {
    var network = try Network("transformer", input: InputDescription(shape: [3, 12, 8]), seed: 6) {
      TokenEmbedding(patch: 4, width: 24)
      for _ in 0..<2 { TransformerBlock(heads: 3, expansion: 2) }
      ClassToken()
      LayerNorm()
      Linear(7)
    }
    try network.load(
      network.parameters.mapValues { tensor in tensor.shape.rank > 1 ? 10 * tensor : tensor })
    return network
  }

  /// A network of operators that other programs' networks bring along.
  private func foreign() throws -> Network {
    try Network("foreign", input: InputDescription(shape: [3, 12, 11]), seed: 8) {
      Convolve(16, kernel: 3, padding: 1)
      ForeignBlock()
      Linear(7)
    }
  }

  private struct ForeignBlock: Layer {
    func apply(
      to x: Value, named name: String, in context: inout LayerContext
    ) throws(GraphError) -> Value {
      func parameter(_ label: String, _ shape: Shape) -> Value {
        context.parameter("\(name).\(label)", shape, .uniform(bound: 0.25))
      }
      let (up, shared) = (parameter("up", [16, 8, 4, 4]), parameter("shared", [24, 9]))
      let window = Window(4, stride: 2, padding: 1)
      let wide = ConvolutionInputGradient(Convolution(window), inputSize: .init(24, 22))
      var y = try context.graph.apply(wide, x, up)
      y = try context.graph.apply(Elementwise(.hardSwish), y)
      y = try context.graph.resample(y, axis: 2, to: 17, Resampling(.linear))
      y = try context.graph.resample(y, axis: 3, to: 9, Resampling(.cubic(coefficient: -0.75)))
      let pooled = try context.graph.apply(MaxPool(Window(3, padding: 2, dilation: 2)), y)
      let mean = AveragePool(
        Window(kernel: 3, paddingBefore: 1, paddingAfter: 1), uncounted: .init(1, 1))
      y = try context.graph.apply(
        Arithmetic(.maximum), pooled, try context.graph.apply(mean, y))
      y = try context.graph.apply(
        Concatenate(axis: 1), y, pooled, try rearranged(y, in: &context.graph))
      y = try context.graph.apply(Transpose([0, 2, 3, 1]), y)
      y = try context.graph.apply(MatrixMultiply(), y, shared)
      y = try context.graph.apply(Softmax(axis: 2), y)
      let largest = try context.graph.apply(Extremum(axes: [1], isMaximum: true), y)
      let total = try context.graph.apply(Reduce(axes: [1]), y)
      y = try context.graph.apply(Arithmetic(.divide), largest, total)
      return try context.graph.flatten(y)
    }

    private func rearranged(_ y: Value, in graph: inout GraphBuilder) throws(GraphError) -> Value {
      let order = try graph.apply(Gather(indices: [7, 1, 1, 0, 2, 6, 5, 3], axis: 1), y)
      return try graph.pad(
        try graph.apply(Slice(axis: 2, start: 16, step: -2, count: 9), order),
        before: [0, 0, 4, 0], after: [0, 0, 4, 0], mode: .reflect)
    }
  }

  /// Two normalised convolutions around which the input is added, seen through every second row and column.
  private struct ResidualBlock: Layer {
    let channels: Int
    let stride: Int

    func apply(
      to x: Value, named name: String, in context: inout LayerContext
    ) throws(GraphError) -> Value {
      let body = Sequential {
        BatchNorm()
        ReLU()
        Convolve(channels, kernel: 3, stride: stride, padding: 1, bias: .absent)
        BatchNorm()
        ReLU()
        Convolve(channels, kernel: 3, padding: 1)
      }
      let y = try body.apply(to: x, named: name, in: &context)
      let inputs = context.graph.extents(of: x)[1]
      let seen = try context.graph.apply(AveragePool(Window(1, stride: stride)), x)
      let padded = try context.graph.apply(
        Pad(axis: 1, before: (channels - inputs) / 2, after: (channels - inputs) / 2), seen)
      return try context.graph.add(y, padded)
    }
  }

  private func equal(_ row: Tensor<Float>, _ single: Tensor<Float>) -> Bool {
    zip(row.scalars, single.scalars).allSatisfy { $0.bitPattern == $1.bitPattern }
      && row.count == single.count
  }
}
