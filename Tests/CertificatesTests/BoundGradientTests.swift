import Certificates
import Engine
import Graphs
import Models
import Optimizers
import Tensors
import Testing

/// Gradients of losses of bounds, in the interpreter and by the engine.
@Suite struct BoundGradientTests {
  private static let labels = Tensor<Float>([2, 0, -1, 1], shape: [4])

  /// Which bound the loss is taken of.
  enum Kind: CaseIterable, Sendable { case interval, adaptive, zero, penalties }

  /// A convolution, a residual sum, normalisation and linear layers; the cross-entropy of worst margins, in evaluation's form.
  private static func graph(_ kind: Kind = .interval) throws -> Graph {
    var graph = GraphBuilder()
    let x = graph.input("x", [Extents.batch, 2, 5, 5])
    let radius = graph.input("radius", [Extents.batch])
    let labels = graph.input("labels", [Extents.batch])
    let first = try graph.convolution(
      x, weight: graph.parameter("conv1", [4, 2, 3, 3]), bias: graph.parameter("bias1", [4]),
      Window(3, stride: 2, padding: 1))
    let hidden = try graph.relu(first)
    let second = try graph.convolution(
      hidden, weight: graph.parameter("conv2", [4, 4, 3, 3]), bias: nil, Window(3, padding: 1))
    let normal = try graph.batchNorm(
      second, scale: graph.parameter("scale", [4]), shift: graph.parameter("shift", [4]),
      mean: graph.parameter("mean", [4]), variance: graph.parameter("positive variance", [4]),
      epsilon: 1e-3)
    let sum = try graph.relu(try graph.add(normal, hidden))
    let pooled = try graph.apply(AveragePool(Window(2, stride: 1)), sum)
    let flat = try graph.flatten(pooled)
    let scores = try graph.linear(
      flat, weight: graph.parameter("linear", [3, graph.extents(of: flat)[1]]),
      bias: graph.parameter("linear bias", [3]))
    let box = try graph.box(around: x, radius: radius, within: -2...2)
    var bounds = try graph.intervalBounds(of: [scores], over: [x: box])
    let margins =
      switch kind {
      case .interval, .penalties:
        try bounds.worstMargins(scores: scores, labels: labels, in: &graph)
      case .adaptive: try bounds.linearMargins(scores: scores, labels: labels, in: &graph)
      case .zero:
        try bounds.linearMargins(scores: scores, labels: labels, lowerSlope: .zero, in: &graph)
      }
    graph.output("margins", margins)
    var loss = try graph.apply(CrossEntropy(), margins, labels)
    if kind == .penalties {
      loss = try graph.add(loss, try bounds.tightnessPenalty(in: &graph))
      loss = try graph.add(loss, try bounds.balancePenalty(in: &graph))
    }
    graph.output("loss", loss)
    return graph.finish()
  }

  private func operands(_ graph: Graph) -> [String: Tensor<Float>] {
    var operands: [String: Tensor<Float>] = [:]
    for (name, value) in graph.inputs + graph.parameters {
      var generator = RandomKey(seed: 5).child(name).generator
      operands[name] = generator.normals(graph[value].extents.shape(batch: 4)).map { 0.5 * $0 }
    }
    operands["radius"] = Tensor([0.1, 0.2, 0.05, 0.1], shape: [4])
    operands["labels"] = Self.labels
    operands["positive variance"] = Tensor([0.5, 1, 1.5, 0.75], shape: [4])
    return operands
  }

  private func names(_ graph: Graph) -> [String] {
    graph.parameters.map(\.name).filter { !["mean", "positive variance"].contains($0) } + ["x"]
  }

  private func exact(
    _ graph: Graph, _ operands: [String: Tensor<Double>]
  ) throws -> [String: Tensor<Double>] {
    let inputs = Set(graph.inputs.map(\.name))
    return try Interpreter(graph)(
      operands.filter { inputs.contains($0.key) },
      parameters: operands.filter { !inputs.contains($0.key) })
  }

  @Test(
    "gradients are finite differences, with known statistics and with the batch's",
    arguments: Kind.allCases, [false, true])
  func finiteDifferences(_ kind: Kind, isTraining: Bool) throws {
    var graph = try Self.graph(kind)
    if isTraining { graph = try graph.normalizingBatches().graph }
    let names = names(graph)
    let gradients = try graph.gradient(ofScalar: "loss", withRespectTo: names)
    let loss = try graph.selecting(outputs: ["loss"])
    var operands = operands(graph).mapValues { $0.converted(to: Double.self) }
    let found = try exact(gradients, operands)
    let step = 1e-6
    for name in names {
      let gradient = try #require(found[Graph.gradientName(name)])
      for index in stride(from: 0, to: gradient.count, by: gradient.count / 8 + 1) {
        var ends: [Double] = []
        for sign in [-1.0, 1.0] {
          let kept = try #require(operands[name])
          operands[name]?[index] += sign * step
          ends.append(try #require(try exact(loss, operands)["loss"])[0])
          operands[name] = kept
        }
        let slope = (ends[1] - ends[0]) / (2 * step)
        #expect(abs(gradient[index] - slope) < 1e-6 * max(1, abs(slope)), "\(name) \(index)")
      }
    }
  }

  @Test(
    "the engine agrees with the interpreter; in training bounds are those at the clean statistics",
    arguments: Kind.allCases)
  func engine(_ kind: Kind) throws {
    let graph = try Self.graph(kind)
    let operands = operands(graph)
    let names = names(graph)
    let training = try graph.normalizingBatches()
    #expect(training.statistics.map(\.mean) == ["mean"])
    let gradients = try training.graph.gradient(ofScalar: "loss", withRespectTo: names)
    let expected = try exact(gradients, operands.mapValues { $0.converted(to: Double.self) })
    let parameterNames = Set(graph.parameters.map(\.name))
    let store = ParameterStore(
      operands.filter { parameterNames.contains($0.key) }, isFrozen: false)
    let loss = try #require(expected["loss"])[0]
    let shapes = operands.mapValues(\.shape)
    let found = try EngineThread.shared.sync {
      let plan = try LossPlan(graph, loss: "loss", withRespectTo: names, parameters: store)
      _ = try plan.total(rows: 4) { input in
        for (name, _) in graph.inputs {
          _ = input(name).update(fromContentsOf: operands[name]?.scalars ?? [])
        }
      }
      var gradients: [String: Tensor<Float>] = [:]
      for name in names {
        guard let shape = shapes[name], let values = plan.gradient(name) else { continue }
        gradients[name] = Tensor(
          Array(UnsafeBufferPointer(start: values, count: shape.count)), shape: shape)
      }
      return (loss: Double(plan.output("loss")?.pointee ?? .nan), gradients: gradients)
    }
    #expect(abs(found.loss - loss) < 1e-5 * loss)
    for name in names {
      try expectEqual(
        try #require(found.gradients[name]).converted(),
        try #require(expected[Graph.gradientName(name)]), within: 1e-4, name)
    }
  }

  @Test(
    "in training the bounds are those of the form of evaluation with the clean batch's statistics")
  func statistics() throws {
    let graph = try Self.graph()
    var operands = operands(graph).mapValues { $0.converted(to: Double.self) }
    let training = try exact(try graph.normalizingBatches().graph, operands)
    operands["mean"] = training[Graph.batchName("mean")]
    operands["positive variance"] = training[Graph.batchName("positive variance")]
    let evaluation = try exact(graph, operands)
    try expectEqual(
      try #require(training["margins"]), try #require(evaluation["margins"]), "margins")
  }

  @Test("a standardisation's interval is that of the affine map with the clean statistics")
  func standardization() throws {
    var graph = GraphBuilder()
    let x = graph.input("x", [Extents.batch, 2, 3])
    let y = try graph.apply(Standardize(axes: [0, 2], epsilon: 0.01), x)
    let radius = graph.constant(Tensor(0.25))
    let box = try graph.box(around: x, radius: radius)
    var bounds = try graph.intervalBounds(of: [y], over: [x: box])
    let interval = try bounds.interval(of: y, in: &graph)
    graph.output("y", y)
    graph.output("lower", interval.lower)
    graph.output("upper", interval.upper)
    graph.output("variance", try graph.apply(Variance(axes: [0, 2]), x))
    var generator = RandomKey(seed: 2).generator
    let found = try values(
      graph.finish(), ["x": generator.normals([4, 2, 3]).converted(to: Double.self)])
    let y0 = try #require(found["y"])
    let variance = try #require(found["variance"])
    let step = Tensor<Double>(
      (0..<y0.count).map { 0.25 / (variance[$0 / 3 % 2] + Double(Float(0.01))).squareRoot() },
      shape: y0.shape)
    try expectEqual(try #require(found["upper"]), y0 + step, "upper end")
    try expectEqual(try #require(found["lower"]), y0 - step, "lower end")
  }
}
