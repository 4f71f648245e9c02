import Models
import Engine
import Graphs
import Optimizers
import Tensors
import Testing

/// Losses of several inputs, of networks applied several times and of parameters of several stores.
@Suite struct LossPlanTests {
  private static let rows = 5
  private static let labels = Tensor<Float>([2, 0, -1, 1, 2], shape: [rows])

  /// A convolution, pooling and a linear layer: images of 2x6x6 to three scores.
  private static func network() throws -> Graph {
    var graph = GraphBuilder()
    let x = graph.input("x", [Extents.batch, 2, 6, 6])
    let weight = graph.parameter("conv.weight", [4, 2, 3, 3])
    let convolved = try graph.convolution(
      x, weight: weight, bias: graph.parameter("conv.bias", [4]), Window(3, padding: 1))
    let pooled = try graph.apply(MaxPool(Window(2, stride: 2)), try graph.relu(convolved))
    let scores = try graph.linear(
      try graph.flatten(pooled), weight: graph.parameter("linear.weight", [3, 36]),
      bias: graph.parameter("linear.bias", [3]))
    graph.output("scores", scores)
    return graph.finish()
  }

  /// The mean over the batch of KL(softmax(a) || softmax(b)).
  private static func divergence(
    _ a: Value, _ b: Value, in graph: inout GraphBuilder
  ) throws -> Value {
    let logA = try graph.apply(Softmax(logarithm: true), a)
    let logB = try graph.apply(Softmax(logarithm: true), b)
    let terms = try graph.multiply(try graph.apply(Softmax(), a), try graph.subtract(logA, logB))
    return try graph.mean(try graph.apply(Reduce(axes: [1]), terms), axes: [0])
  }

  /// The loss of TRADES: the cross-entropy of clean examples and what adversarial ones change of the scores.
  ///
  /// One network is applied twice.
  private static func trades() throws -> Graph {
    let network = try network()
    var graph = GraphBuilder()
    let x = graph.input("x", [Extents.batch, 2, 6, 6])
    let adversarial = graph.input("adversarial", [Extents.batch, 2, 6, 6])
    let labels = graph.input("labels", [Extents.batch])
    let clean = try #require(try graph.apply(network, to: ["x": x])["scores"])
    let moved = try #require(try graph.apply(network, to: ["x": adversarial])["scores"])
    let entropy = try graph.apply(CrossEntropy(), clean, labels)
    let divergence = try divergence(clean, moved, in: &graph)
    graph.output("scores", clean)
    graph.output("loss", try graph.add(entropy, try graph.scale(divergence, by: 6)))
    return graph.finish()
  }

  private func operands(_ graph: Graph, seed: UInt64) -> [String: Tensor<Float>] {
    var operands: [String: Tensor<Float>] = [:]
    for (name, value) in graph.inputs + graph.parameters {
      var generator = RandomKey(seed: seed).child(name).generator
      operands[name] = generator.normals(graph[value].extents.shape(batch: Self.rows))
        .map { 0.5 * $0 }
    }
    if operands["labels"] != nil { operands["labels"] = Self.labels }
    return operands
  }

  /// The loss and all gradients by a plan, as tensors.
  private func compiled(
    _ graph: Graph, _ names: [String], _ operands: [String: Tensor<Float>],
    parameters: ParameterStore, batch: Int? = nil
  ) throws -> (total: Double, gradients: [String: Tensor<Float>]) {
    try EngineThread.shared.sync {
      let plan = try LossPlan(
        graph, loss: "loss", withRespectTo: names, parameters: parameters, batch: batch)
      let total = try plan.total(rows: Self.rows) { input in
        for (name, _) in graph.inputs {
          _ = input(name).update(fromContentsOf: operands[name]?.scalars ?? [])
        }
      }
      var gradients: [String: Tensor<Float>] = [:]
      for name in names {
        guard let shape = operands[name]?.shape, let values = plan.gradient(name) else { continue }
        gradients[name] = Tensor(
          Array(UnsafeBufferPointer(start: values, count: shape.count)), shape: shape)
      }
      return (total, gradients)
    }
  }

  private func store(_ graph: Graph, _ operands: [String: Tensor<Float>]) -> ParameterStore {
    let names = Set(graph.parameters.map(\.name))
    return ParameterStore(operands.filter { names.contains($0.key) }, isFrozen: false)
  }

  @Test("gradients of a loss of one network applied twice are finite differences, and the engine's")
  func tradesGradients() throws {
    let graph = try Self.trades()
    let operands = operands(graph, seed: 3)
    let parameters = graph.parameters.map(\.name)
    #expect(Set(parameters).count == parameters.count)
    let names = parameters + ["x", "adversarial"]
    let inputNames = Set(graph.inputs.map(\.name))
    var doubles = operands.mapValues { $0.converted(to: Double.self) }
    func values(_ graph: Graph) throws -> [String: Tensor<Double>] {
      try Interpreter(graph)(
        doubles.filter { inputNames.contains($0.key) },
        parameters: doubles.filter { !inputNames.contains($0.key) })
    }
    let exact = try values(try graph.gradient(ofScalar: "loss", withRespectTo: names))
    let found = try compiled(graph, names, operands, parameters: store(graph, operands))
    let loss = try #require(exact["loss"])[0]
    #expect(abs(found.total / Double(Self.rows) - loss) < 1e-5 * abs(loss))

    let step = 1e-6
    for name in names {
      let gradient = try #require(exact[Graph.gradientName(name)])
      let compiled = try #require(found.gradients[name])
      let size = gradient.scalars.reduce(0) { max($0, abs($1)) }
      #expect(size > 1e-3, "\(name)")
      for index in stride(from: 0, to: gradient.count, by: gradient.count / 40 + 1) {
        let value = try #require(doubles[name])[index]
        doubles[name]?[index] = value + step
        let above = try #require(try values(graph)["loss"])[0]
        doubles[name]?[index] = value - step
        let below = try #require(try values(graph)["loss"])[0]
        doubles[name]?[index] = value
        let slope = (above - below) / (2 * step)
        #expect(abs(gradient[index] - slope) < 1e-6 * max(1, size), "\(name) \(index)")
      }
      for (a, b) in zip(compiled.scalars, gradient.scalars) {
        #expect(abs(Double(a) - b) < 2e-5 * size, "\(name)")
      }
    }
  }

  /// The cross-entropy of one network's scores less half of another's: two players of one game.
  private static func game() throws -> Graph {
    let network = try network()
    var graph = GraphBuilder()
    let x = graph.input("x", [Extents.batch, 2, 6, 6])
    let labels = graph.input("labels", [Extents.batch])
    var losses: [Value] = []
    for prefix in ["first.", "second."] {
      let scores = try #require(try graph.apply(network, to: ["x": x], prefix: prefix)["scores"])
      losses.append(try graph.apply(CrossEntropy(), scores, labels))
    }
    graph.output("loss", try graph.subtract(losses[0], try graph.scale(losses[1], by: 0.5)))
    return graph.finish()
  }

  @Test("parameters of two stores are differentiated and moved where they are")
  func stores() throws {
    let graph = try Self.game()
    let network = try Self.network()
    let operands = operands(graph, seed: 4)
    let parts = ["first.", "second."].map { prefix in
      (
        prefix: prefix,
        store: store(
          network,
          Dictionary(
            uniqueKeysWithValues: network.parameters.compactMap { name, _ in
              operands[prefix + name].map { (name, $0) }
            }))
      )
    }
    let names = graph.parameters.map(\.name)
    #expect(names.count == 2 * network.parameters.count)
    let expected = try Interpreter(try graph.gradient(ofScalar: "loss", withRespectTo: names))(
      ["x": operands["x"], "labels": operands["labels"]]
        .compactMapValues { $0?.converted(to: Double.self) },
      parameters: operands.mapValues { $0.converted() })
    let joined = ParameterStore(joining: parts)
    let found = try compiled(graph, names, operands, parameters: joined)
    for name in names {
      let gradient = try #require(expected[Graph.gradientName(name)])
      let size = gradient.scalars.reduce(0) { max($0, abs($1)) }
      for (a, b) in zip(try #require(found.gradients[name]).scalars, gradient.scalars) {
        #expect(abs(Double(a) - b) < 2e-5 * max(size, 1e-3), "\(name)")
      }
    }

    // What is moved in the joined store is moved for plans on its parts as well, packed forms included, and vice versa.
    let scores = try EngineThread.shared.sync { () throws -> [[Float]] in
      let own = try Plan(network, batch: Self.rows, parameters: parts[1].store)
      func scores() throws -> [Float] {
        own.input("x")?.update(
          from: operands["x"]?.scalars ?? [], count: Self.rows * 72)
        try own.run()
        return Array(UnsafeBufferPointer(start: own.output("scores"), count: Self.rows * 3))
      }
      var all = [try scores()]
      let plan = try LossPlan(graph, loss: "loss", withRespectTo: names, parameters: joined)
      let descent = Descent(SGD(momentum: 0), store: joined, names: names)
      func total() throws -> Double {
        try plan.total(rows: Self.rows) { input in
          for name in ["x", "labels"] {
            _ = input(name).update(fromContentsOf: operands[name]?.scalars ?? [])
          }
        }
      }
      let before = try total()
      #expect(descent.step(along: { plan.gradient($0) }, rate: 0.01, step: 0))
      all.append(try scores())
      let after = try total()
      #expect(after < before)
      for (name, _) in network.parameters {
        parts[1].store.tensor(name).map { tensor in
          #expect(throws: Never.self) {
            try parts[1].store.update(name, to: tensor.map { 2 * $0 })
          }
        }
      }
      all.append(try scores())
      #expect(try total() != after)
      return all
    }
    #expect(Set(scores).count == 3)
  }

  @Test("rows without a label count nothing, whether they are given or spare")
  func spareRows() throws {
    var builder = GraphBuilder(continuing: try Self.network())
    let scores = try builder.finish().output("scores")
    let labels = builder.input("labels", [Extents.batch])
    builder.output("loss", try builder.apply(CrossEntropy(), scores, labels))
    let graph = builder.finish()
    let operands = operands(graph, seed: 5)
    let names = graph.parameters.map(\.name) + ["x"]
    let exact = try compiled(graph, names, operands, parameters: store(graph, operands))
    let spare = try compiled(
      graph, names, operands, parameters: store(graph, operands), batch: 8)
    #expect(exact.total == spare.total)
    for name in names {
      let (a, b) = (try #require(exact.gradients[name]), try #require(spare.gradients[name]))
      #expect(zip(a.scalars, b.scalars).allSatisfy { abs($0 - $1) < 1e-6 }, "\(name)")
    }
    // Row 2 has no label.
    let slope = try #require(exact.gradients["x"]).row(2)
    #expect(slope.scalars.allSatisfy { $0 == 0 })
  }

  @Test("a batch of one example has no variance")
  func smallBatch() throws {
    var graph = GraphBuilder()
    let x = graph.input("x", [Extents.batch, 3])
    let vectors = ["scale", "shift", "mean", "variance"].map { graph.parameter($0, [3]) }
    let y = try graph.apply(BatchNormalization(), to: [x] + vectors)
    graph.output("loss", try graph.mean(try graph.mean(y, axes: [1]), axes: [0]))
    let whole = graph.finish()
    let operands = operands(whole, seed: 6).mapValues { $0.map { abs($0) + 0.1 } }
    try EngineThread.shared.sync {
      let store = store(whole, operands)
      // Every row counts here, so there are no spare ones.
      let plan = try LossPlan(
        whole, loss: "loss", withRespectTo: ["scale", "shift"], parameters: store, batch: 8)
      #expect(plan.statistics.map(\.variance) == ["variance"])
      let error = #expect(throws: LossPlan.SmallBatch.self) {
        try plan.total(rows: 1) { _ in }
      }
      #expect(
        error?.description
          == "a batch of 1 example has no variance, which variance needs; expected batches of 2 or more, the last one"
          + " too")
      _ = try plan.total(rows: 2) {
        _ = $0("x").update(fromContentsOf: [1, 2, 3, 3, 2, 7])
      }
      #expect(try plan.followStatistics())
      let means = try #require(operands["mean"]).scalars
      let moved = try #require(store.tensor("mean")).scalars
      for (index, batch) in [Float(2), 2, 5].enumerated() {
        #expect(abs(moved[index] - (0.9 * means[index] + 0.1 * batch)) < 1e-6)
      }
      let variances = try #require(operands["variance"]).scalars
      let spread = try #require(store.tensor("variance")).scalars
      for (index, batch) in [Float(2), 0, 8].enumerated() {
        #expect(abs(spread[index] - (0.9 * variances[index] + 0.1 * batch)) < 1e-6)
      }
    }
  }
}
