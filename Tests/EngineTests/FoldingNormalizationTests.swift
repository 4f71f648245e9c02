import Engine
import Graphs
import Tensors
import Testing

@Suite struct FoldingNormalizationTests {
  /// A graph and the operators that must be left of it.
  struct Case: Sendable, CustomTestStringConvertible {
    let name: String
    let left: [String]
    let build: @Sendable (inout GraphBuilder, Value) throws -> Value

    init(
      _ name: String, leaves left: [String],
      _ build: @escaping @Sendable (inout GraphBuilder, Value) throws -> Value
    ) {
      self.name = name
      self.left = left
      self.build = build
    }

    var testDescription: String { name }

    func graph() throws -> Graph {
      var builder = GraphBuilder()
      let x = builder.input("x", [Extents.batch, 4, 5, 6])
      builder.output("y", try build(&builder, x))
      return builder.finish()
    }
  }

  private static func norm(_ graph: inout GraphBuilder, _ x: Value, _ name: String) throws -> Value
  {
    let shape: Shape = [graph.extents(of: x)[1]]
    func vector(_ kind: String) -> Value { graph.parameter("\(name).\(kind)", shape) }
    let variance = try graph.apply(Elementwise(.square), vector("deviation"))
    return try graph.batchNorm(
      x, scale: vector("weight"), shift: vector("bias"), mean: vector("mean"), variance: variance,
      epsilon: 0.125)
  }

  private static func convolution(
    _ graph: inout GraphBuilder, _ x: Value, _ name: String, outputs: Int = 8, groups: Int = 1,
    bias: Bool = false
  ) throws -> Value {
    let inputs = graph.extents(of: x)[1] / groups
    return try graph.convolution(
      x, weight: graph.parameter(name + ".weight", [outputs, inputs, 3, 3]),
      bias: bias ? graph.parameter(name + ".bias", [outputs]) : nil, Window(3, padding: 1),
      groups: groups)
  }

  private static let layer = ["convolution", "broadcast", "add"]

  static let cases: [Case] = [
    Case("behind a convolution", leaves: layer + ["relu"]) { graph, x in
      try graph.relu(norm(&graph, convolution(&graph, x, "c"), "n"))
    },
    Case("behind a convolution with a bias", leaves: layer) { graph, x in
      try norm(&graph, convolution(&graph, x, "c", bias: true), "n")
    },
    Case("behind a convolution in groups", leaves: layer) { graph, x in
      try norm(&graph, convolution(&graph, x, "c", groups: 2), "n")
    },
    Case("behind a depthwise convolution", leaves: layer) { graph, x in
      try norm(&graph, convolution(&graph, x, "c", outputs: 4, groups: 4), "n")
    },
    Case("two normalisations and numbers", leaves: layer) { graph, x in
      let first = try norm(&graph, convolution(&graph, x, "c"), "n")
      return try norm(&graph, try graph.affine(first, factor: -0.5, offset: 2), "m")
    },
    Case("products and sums per channel", leaves: layer) { graph, x in
      let y = try convolution(&graph, x, "c")
      let scale = try graph.perChannel(graph.parameter("scale", [8]), like: y)
      let shift = try graph.perChannel(graph.parameter("shift", [8]), like: y)
      return try graph.add(shift, try graph.multiply(scale, y))
    },
    Case("behind a linear layer", leaves: ["reshape", "matrix product", "broadcast", "add"]) {
      graph, x in
      let weight = graph.parameter("weight", [7, 120])
      return try norm(
        &graph,
        try graph.linear(
          try graph.flatten(x), weight: weight, bias: graph.parameter("bias", [7])), "n")
    },
    Case("a bias alone stays what it is", leaves: layer) { graph, x in
      try convolution(&graph, x, "c", bias: true)
    },
    Case(
      "not into the convolution behind, whose padding is not normalised",
      leaves: ["batch normalisation", "convolution"]
    ) { graph, x in
      try convolution(&graph, norm(&graph, x, "n"), "c")
    },
    Case(
      "not if others see the convolution's result",
      leaves: ["convolution", "batch normalisation", "add"]
    ) { graph, x in
      let y = try convolution(&graph, x, "c")
      return try graph.add(y, norm(&graph, y, "n"))
    },
    Case(
      "not if two normalise the convolution's result",
      leaves: [
        "convolution", "batch normalisation", "batch normalisation", "add",
      ]
    ) { graph, x in
      let y = try convolution(&graph, x, "c")
      return try graph.add(norm(&graph, y, "n"), norm(&graph, y, "m"))
    },
    Case(
      "up to what others see",
      leaves: layer + ["batch normalisation", "add"]
    ) { graph, x in
      let y = try norm(&graph, convolution(&graph, x, "c"), "n")
      return try graph.add(y, norm(&graph, y, "m"))
    },
    Case(
      "not with statistics of the batch", leaves: ["convolution", "mean", "batch normalisation"]
    ) { graph, x in
      let y = try convolution(&graph, x, "c")
      let mean = try graph.mean(y, axes: [0, 2, 3])
      let ones = graph.constant(Tensor(repeating: 1, shape: [8]))
      return try graph.apply(BatchNormalization(), y, ones, ones, mean, ones)
    },
  ]

  @Test(arguments: cases) func foldsWhatItMay(_ row: Case) throws {
    let graph = try row.graph()
    let comparison = EngineComparison(graph, batch: 3, seed: 5)
    let folded = graph.foldingNormalization(comparison.parameters)
    #expect(folded.graph.operatorNames == row.left)
    #expect(Set(folded.parameters.keys) == Set(folded.graph.parameters.map(\.name)))
    try expectSameFunction(graph, folded, comparison, 1e-6, row.name)
  }

  @Test(arguments: 0..<60) func keepsValuesAndGradients(_ seed: Int) throws {
    let network = try RandomNetwork(.smooth, isNormalized: true, seed: seed)
    let parameters = network.operands(batch: 2, draw: 0).parameters
    let folded = network.forward.foldingNormalization(parameters)
    let comparison = EngineComparison(network.forward, batch: 2, seed: UInt64(seed))
    let refolded = network.forward.foldingNormalization(comparison.parameters)
    #expect(refolded.graph.operatorNames == folded.graph.operatorNames)
    try expectSameFunction(network.forward, refolded, comparison, 1e-5, "seed \(seed)")
  }

  @Test func misfitParametersAreLeft() throws {
    let graph = try Self.cases[0].graph()
    var parameters = EngineComparison(graph, batch: 1, seed: 1).parameters
    parameters["n.mean"] = .zeros([9])
    #expect(
      graph.foldingNormalization(parameters).graph.operatorNames.contains("batch normalisation"))
  }

  /// Expects equal outputs and input gradients, by definition and by the engine on the folded graph.
  private func expectSameFunction(
    _ graph: Graph, _ folded: (graph: Graph, parameters: [String: Tensor<Float>]),
    _ comparison: EngineComparison, _ tolerance: Double, _ comment: String
  ) throws {
    func differentiated(_ graph: Graph) throws -> Graph {
      try graph.gradient(
        of: "y", cotangent: "dy", withRespectTo: graph.inputs.map(\.name))
    }
    var inputs = comparison.inputs.mapValues { $0.converted(to: Double.self) }
    let extents = graph[try graph.output("y")].extents
    var generator = RandomKey(seed: 3).generator
    let dy = generator.uniforms(extents.shape(batch: comparison.batch)).map { 2 * $0 - 1 }
    inputs["dy"] = dy.converted()
    let expected = try Interpreter(differentiated(graph))(
      inputs, parameters: comparison.parameters.mapValues { $0.converted() })
    let after = try differentiated(folded.graph)
    let found = try Interpreter(after)(
      inputs, parameters: folded.parameters.mapValues { $0.converted() })
    let run = EngineComparison(
      after, batch: comparison.batch, inputs: inputs.mapValues { $0.converted() },
      parameters: folded.parameters)
    let compiled = try run.compiled(frozen: true)
    for (name, value) in expected {
      let defined = try #require(found[name]).converted(to: Float.self)
      #expect(
        relativeDifference(defined, value, floor: 0.1) <= tolerance, "\(comment): \(name)")
      #expect(
        relativeDifference(try #require(compiled[name]), value, floor: 0.1) <= 2e-5,
        "\(comment): \(name) by the engine")
    }
  }
}
