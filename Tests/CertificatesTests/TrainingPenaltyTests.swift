import Certificates
import Graphs
import Tensors
import Testing

/// The regularisers and the start of certified training.
@Suite struct TrainingPenaltyTests {
  /// Two hidden layers, the ends before whose ReLUs are outputs, and the penalties.
  private static func graph() throws -> Graph {
    var graph = GraphBuilder()
    let x = graph.input("x", [Extents.batch, 4])
    let radius = graph.input("radius", [Extents.batch])
    let first = try graph.linear(
      x, weight: graph.parameter("first", [6, 4]), bias: graph.parameter("bias", [6]))
    let second = try graph.linear(
      try graph.relu(first), weight: graph.parameter("second", [5, 6]), bias: nil)
    let scores = try graph.linear(
      try graph.relu(second), weight: graph.parameter("last", [3, 5]), bias: nil)
    let box = try graph.box(around: x, radius: radius)
    var bounds = try graph.intervalBounds(of: [scores], over: [x: box])
    graph.output("tightness", try bounds.tightnessPenalty(in: &graph))
    graph.output("balance", try bounds.balancePenalty(in: &graph))
    for (name, value) in [("first", first), ("second", second)] {
      let interval = try bounds.interval(of: value, in: &graph)
      graph.output("lower " + name, interval.lower)
      graph.output("upper " + name, interval.upper)
    }
    return graph.finish()
  }

  private func operands(_ graph: Graph) -> [String: Tensor<Double>] {
    var operands: [String: Tensor<Double>] = [:]
    for (name, value) in graph.inputs + graph.parameters {
      var generator = RandomKey(seed: 4).child(name).generator
      operands[name] = generator.normals(graph[value].extents.shape(batch: 3)).converted()
    }
    operands["radius"] = Tensor([0.1, 0.05, 0.2], shape: [3])
    return operands
  }

  @Test("the penalties are the paper's")
  func formulas() throws {
    let graph = try Self.graph()
    let operands = operands(graph)
    let found = try values(graph, operands, operands)
    func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }
    let start = mean(try #require(operands["radius"]).scalars)
    var (tightness, balance) = (0.0, 0.0)
    for name in ["first", "second"] {
      let lower = try #require(found["lower " + name]).scalars
      let upper = try #require(found["upper " + name]).scalars
      let centers = zip(lower, upper).map { ($0 + $1) / 2 }
      tightness += max(0.5 - start / mean(zip(lower, upper).map { ($1 - $0) / 2 }), 0) / 0.5 / 2
      let isActive = lower.map { $0 > 0 ? 1.0 : 0 }
      let isInactive = upper.map { $0 < 0 ? 1.0 : 0 }
      let middle = mean(centers)
      let squares = centers.map { ($0 - middle) * ($0 - middle) }
      func masked(_ values: [Double], _ mask: [Double]) -> Double {
        mean(zip(values, mask).map { $0 * $1 })
      }
      let means = masked(centers, isActive) / -masked(centers, isInactive)
      let variances = masked(squares, isActive) / masked(squares, isInactive)
      for ratio in [means, variances] { balance += max(0.5 - min(ratio, 1 / ratio), 0) / 0.5 / 2 }
    }
    #expect(tightness > 0.1 && balance > 0.1)
    #expect(abs(try #require(found["tightness"])[0] - tightness) < 1e-6)
    #expect(abs(try #require(found["balance"])[0] - balance) < 1e-6)
  }

  @Test("gradients of the penalties are finite differences", arguments: ["tightness", "balance"])
  func gradients(_ name: String) throws {
    let graph = try Self.graph()
    var operands = operands(graph)
    let found = try values(
      try graph.gradient(ofScalar: name, withRespectTo: ["first", "second"]), operands, operands)
    let penalty = try graph.selecting(outputs: [name])
    for weight in ["first", "second"] {
      let gradient = try #require(found[Graph.gradientName(weight)])
      for index in 0..<gradient.count {
        let kept = try #require(operands[weight])
        var ends: [Double] = []
        for sign in [-1.0, 1.0] {
          operands[weight]?[index] += sign * 1e-6
          ends.append(try #require(try values(penalty, operands, operands)[name])[0])
          operands[weight] = kept
        }
        #expect(abs(gradient[index] - (ends[1] - ends[0]) / 2e-6) < 1e-6)
      }
    }
  }

  @Test("a network whose ReLUs are all active, or none, has finite penalties")
  func oneSided() throws {
    let graph = try Self.graph()
    var operands = operands(graph)
    for offset in [-100.0, 100] {
      operands["bias"] = Tensor(repeating: offset, shape: [6])
      let found = try values(
        try graph.gradient(ofScalar: "balance", withRespectTo: ["first", "second"]), operands,
        operands)
      #expect(found.values.allSatisfy { $0.scalars.allSatisfy { $0.isFinite } })
      #expect(try #require(found["balance"])[0] >= 1)
    }
    // All centers are zero.
    operands["first"] = Tensor.zeros([6, 4])
    operands["bias"] = Tensor.zeros([6])
    let found = try values(
      try graph.gradient(ofScalar: "balance", withRespectTo: ["first", "second"]), operands,
      operands)
    #expect(found["balance"] == Tensor(0))
    #expect(found.values.allSatisfy { $0.scalars.allSatisfy { $0.isFinite } })
  }

  @Test(
    "weights begin with the deviation sqrt(2 pi) / fan-in, all but the last, each with a key of its own"
  )
  func start() throws {
    #expect(
      abs(IntervalInitialization.deviation(of: [32, 16, 4, 4]) - 2.506_628_274_631 / 256) < 1e-12)
    let graph = try Self.graph()
    let key = RandomKey(seed: 1)
    let weights = IntervalInitialization.weights(of: graph, from: key)
    #expect(Set(weights.keys) == ["first", "second"])
    #expect(weights["second"] == IntervalInitialization.draw([5, 6], from: key.child("second")))
    let large = IntervalInitialization.draw([500, 100], from: key)
    let deviation = (large.sum { Double($0) * Double($0) } / 50_000).squareRoot()
    #expect(abs(deviation / IntervalInitialization.deviation(of: large.shape) - 1) < 0.02)
  }
}
