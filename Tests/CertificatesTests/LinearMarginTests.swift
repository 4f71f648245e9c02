import Certificates
import Graphs
import Tensors
import Testing

/// Bounds of margins by linear functions.
@Suite struct LinearMarginTests {
  private static let labels = Tensor<Double>([2, 0, -1], shape: [3])

  /// A network with its interval and linear margins and their cross-entropies.
  private func graph(_ row: BoundCase) throws -> Graph {
    var graph = GraphBuilder()
    let x = graph.input("x", Extents(batchOf: row.example))
    let y = try row.write(&graph, x)
    let labels = graph.input("labels", [Extents.batch])
    let radius = graph.input("radius", Extents(batchOf: row.example))
    let box = try graph.box(around: x, radius: radius)
    var bounds = try graph.intervalBounds(of: [y], over: [x: box])
    let interval = try bounds.worstMargins(scores: y, labels: labels, in: &graph)
    let adaptive = try bounds.linearMargins(scores: y, labels: labels, in: &graph)
    let zero = try bounds.linearMargins(
      scores: y, labels: labels, lowerSlope: .zero, in: &graph)
    let isLabel = try graph.apply(
      Comparison(.equal),
      try graph.apply(Broadcast(to: graph.extents(of: y), axes: [1]), labels),
      try graph.apply(
        Broadcast(to: graph.extents(of: y), axes: [0]),
        graph.constant(
          Tensor(
            (0..<graph.extents(of: y)[1]).map { Float($0) }, shape: [graph.extents(of: y)[1]]))))
    let own = try graph.apply(Reduce(axes: [1]), try graph.multiply(y, isLabel))
    let exact = try graph.subtract(
      y, try graph.apply(Broadcast(to: graph.extents(of: y), axes: [1]), own))
    for (name, margins) in [("interval", interval), ("adaptive", adaptive), ("zero", zero)] {
      graph.output(name, margins)
      graph.output(name + " loss", try graph.apply(CrossEntropy(), margins, labels))
    }
    graph.output("exact", exact)
    return graph.finish()
  }

  private static func deepLinear(_ graph: inout GraphBuilder, _ x: Value) throws -> Value {
    let first = try graph.convolution(
      x, weight: graph.parameter("conv", [3, 2, 3, 3]), bias: graph.parameter("bias", [3]),
      Window(3, stride: 2, padding: 1))
    let normal = try graph.batchNorm(
      first, scale: graph.parameter("scale", [3]), shift: graph.parameter("shift", [3]),
      mean: graph.parameter("mean", [3]), variance: graph.parameter("positive variance", [3]),
      epsilon: 1e-3)
    let second = try graph.convolution(
      normal, weight: graph.parameter("conv2", [3, 3, 1, 1]), bias: nil, Window(1))
    let sum = try graph.add(normal, try graph.affine(second, factor: -0.5, offset: 1))
    let pooled = try graph.apply(AveragePool(Window(2, stride: 1)), sum)
    let joined = try graph.apply(
      Concatenate(axis: 1), try graph.apply(Slice(axis: 1, range: 1..<3), pooled),
      try graph.apply(Transpose([0, 1, 3, 2]), pooled))
    let padded = try graph.apply(Pad(axis: 2, before: 1, after: 0, value: 2), joined)
    let flat = try graph.flatten(padded)
    return try graph.linear(
      flat, weight: graph.parameter("last", [3, graph.extents(of: flat)[1]]),
      bias: graph.parameter("last bias", [3]))
  }

  @Test("without a ReLU each margin is exact, and intervals are no better")
  func affine() throws {
    let row = BoundCase("deep affine", [2, 5, 5]) { try Self.deepLinear(&$0, $1) }
    let graph = try graph(row)
    let parameters = row.parameters(of: graph)
    let (x, radius) = row.box()
    let inputs = ["x": x, "radius": radius, "labels": Self.labels]
    let found = try values(graph, inputs, parameters)
    let exact = try #require(found["exact"])
    let slopes = try graph.selecting(outputs: ["exact"])
      .gradient(of: "exact", cotangent: "dy", withRespectTo: ["x"])
    var gained = 0.0
    for index in 0..<6 {
      var selection = Tensor<Double>.zeros(exact.shape)
      selection[index] = 1
      let slope = try #require(
        try values(slopes, ["x": x, "labels": Self.labels, "dy": selection], parameters)[
          Graph.gradientName("x")])
      let worst = exact[index] + slope.sum(with: radius) { abs($0) * $1 }
      for name in ["adaptive", "zero"] {
        #expect(abs(try #require(found[name])[index] - worst) < 1e-9 * max(1, abs(worst)))
      }
      let interval = try #require(found["interval"])[index]
      #expect(interval >= worst - 1e-9 * max(1, abs(worst)))
      gained = max(gained, interval - worst)
    }
    #expect(gained > 0.1)
  }

  @Test(
    "one layer and two classes: intervals, linear bounds and the closed form have one loss and gradient"
  )
  func logistic() throws {
    let row = BoundCase("logistic", [4]) { graph, x in
      try graph.linear(
        x, weight: graph.parameter("weight", [2, 4]), bias: graph.parameter("bias", [2]))
    }
    let graph = try graph(row)
    let parameters = row.parameters(of: graph)
    let (x, radius) = row.box()
    let inputs = ["x": x, "radius": radius, "labels": Tensor<Double>([1, 0, 1], shape: [3])]
    var expected: (loss: Tensor<Double>, gradient: Tensor<Double>)?
    for name in ["interval", "adaptive", "zero"] {
      let loss = name + " loss"
      let found = try values(
        try graph.gradient(ofScalar: loss, withRespectTo: ["weight"]), inputs, parameters)
      let gradient = try #require(found[Graph.gradientName("weight")])
      let value = try #require(found[loss])
      if let expected {
        try expectEqual(value, expected.loss, name)
        try expectEqual(gradient, expected.gradient, name)
      } else {
        expected = (value, gradient)
      }
    }
  }

  @Test(
    "no point of the box of a network with one hidden layer has larger margins",
    arguments: [2, 3], 0..<8)
  func hiddenLayer(inputs: Int, seed: Int) throws {
    let row = BoundCase("hidden \(inputs) \(seed)", [inputs]) { graph, x in
      let hidden = try graph.relu(
        try graph.linear(
          x, weight: graph.parameter("first", [6, inputs]), bias: graph.parameter("bias", [6])))
      return try graph.linear(
        hidden, weight: graph.parameter("last", [3, 6]), bias: graph.parameter("last bias", [3]))
    }
    let graph = try graph(row)
    let parameters = row.parameters(of: graph)
    let (x, radius) = row.box(radius: 1)
    let found = try values(
      graph, ["x": x, "radius": radius, "labels": Self.labels], parameters)
    let network = try graph.selecting(outputs: ["exact"])
    let steps = inputs == 2 ? 40 : 12
    var worst = try #require(found["exact"])
    // The maximum over the box, up to the distance of neighbouring points.
    for index in 0..<Int(Double.pow(Double(steps + 1), Double(inputs)).rounded()) {
      var rest = index
      let places = (0..<inputs).map { _ in
        defer { rest /= steps + 1 }
        return 2 * Double(rest % (steps + 1)) / Double(steps) - 1
      }
      let point = Tensor<Double>(
        (0..<x.count).map { x[$0] + places[$0 % inputs] * radius[$0] }, shape: x.shape)
      let margins = try #require(
        try values(network, ["x": point, "labels": Self.labels], parameters)["exact"])
      worst = worst.zip(margins) { max($0, $1) }
    }
    for name in ["interval", "adaptive", "zero"] {
      let bound = try #require(found[name])
      for index in 0..<6 { #expect(worst[index] <= bound[index] + 1e-9) }
    }
  }

  @Test("no point of the box has larger margins", arguments: BoundCase.networks)
  func contains(_ row: BoundCase) throws {
    let graph = try graph(row)
    let parameters = row.parameters(of: graph)
    let (x, radius) = row.box(radius: 0.05)
    let found = try values(
      graph, ["x": x, "radius": radius, "labels": Self.labels], parameters)
    let network = try graph.selecting(outputs: ["exact"])
    for point in points(30, of: x, radius: radius, from: row.key) {
      let exact = try #require(
        try values(network, ["x": point, "labels": Self.labels], parameters)["exact"])
      for name in ["adaptive", "zero"] {
        let bound = try #require(found[name])
        let slack = 1e-11 * max(1, magnitude(bound))
        #expect(bound.scalars.allSatisfy { $0.isFinite })
        #expect(zip(exact.scalars, bound.scalars).prefix(6).allSatisfy { $0 <= $1 + slack })
      }
    }
  }

  @Test("where no ReLU changes its sign the bound is exact")
  func stable() throws {
    let row = BoundCase("stable", [3]) { graph, x in
      let hidden = try graph.relu(
        try graph.linear(
          x, weight: graph.parameter("first", [5, 3]), bias: graph.parameter("bias", [5])))
      return try graph.linear(hidden, weight: graph.parameter("last", [3, 5]), bias: nil)
    }
    let graph = try graph(row)
    let parameters = row.parameters(of: graph)
    let (x, radius) = row.box(radius: 1e-5)
    let found = try values(
      graph, ["x": x, "radius": radius, "labels": Self.labels], parameters)
    let slopes = try graph.selecting(outputs: ["exact"])
      .gradient(of: "exact", cotangent: "dy", withRespectTo: ["x"])
    let exact = try #require(found["exact"])
    for index in 0..<6 {
      var selection = Tensor<Double>.zeros(exact.shape)
      selection[index] = 1
      let slope = try #require(
        try values(slopes, ["x": x, "labels": Self.labels, "dy": selection], parameters)[
          Graph.gradientName("x")])
      let worst = exact[index] + slope.sum(with: radius) { abs($0) * $1 }
      #expect(abs(try #require(found["adaptive"])[index] - worst) < 1e-12)
      #expect(abs(try #require(found["zero"])[index] - worst) < 1e-12)
    }
  }
}
