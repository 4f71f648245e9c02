import Certificates
import Graphs
import Tensors
import Testing

/// Bounds of margins by intervals.
@Suite struct WorstMarginTests {
  private static let labels = Tensor<Double>([2, 0, -1], shape: [3])

  /// A network with its worst margins, those without merging the last layer, and their cross-entropies.
  private func graph(_ row: BoundCase) throws -> Graph {
    var graph = GraphBuilder()
    let x = graph.input("x", Extents(batchOf: row.example))
    let y = try row.write(&graph, x)
    let labels = graph.input("labels", [Extents.batch])
    let radius = graph.input("radius", Extents(batchOf: row.example))
    let box = try graph.box(around: x, radius: radius)
    // A sum with nothing hides the layer from the merging.
    let apart = try graph.affine(y, factor: 1, offset: 0)
    var bounds = try graph.intervalBounds(of: [y, apart], over: [x: box])
    let margins = try bounds.worstMargins(scores: y, labels: labels, in: &graph)
    graph.output("y", y)
    graph.output("margins", margins)
    graph.output("apart", try bounds.worstMargins(scores: apart, labels: labels, in: &graph))
    graph.output("loss", try graph.apply(CrossEntropy(), margins, labels))
    graph.output("clean", try graph.apply(CrossEntropy(), y, labels))
    return graph.finish()
  }

  private func margins(_ scores: Tensor<Double>) -> Tensor<Double> {
    let classes = scores.shape[1]
    return Tensor(
      (0..<scores.count).map { index in
        let label = Int(Self.labels[index / classes])
        return label < 0 ? 0 : scores[index] - scores[index / classes * classes + label]
      }, shape: scores.shape)
  }

  @Test(
    "no point of the box has larger margins; merging the last layer never makes them larger",
    arguments: BoundCase.networks)
  func bounds(_ row: BoundCase) throws {
    let graph = try graph(row)
    let parameters = row.parameters(of: graph)
    let (x, radius) = row.box(radius: 0.1)
    let inputs = ["x": x, "radius": radius, "labels": Self.labels]
    let found = try values(graph, inputs, parameters)
    let (merged, apart) = (try #require(found["margins"]), try #require(found["apart"]))
    let slack = 1e-11 * max(1, magnitude(apart))
    #expect(merged.scalars.allSatisfy { $0.isFinite })
    #expect(merged.zip(apart) { $0 - $1 }.scalars.allSatisfy { $0 <= slack })
    #expect(merged[2] == 0 && merged[3] == 0 && apart[2] == 0 && apart[3] == 0)
    let network = try graph.selecting(outputs: ["y", "clean"])
    let loss = try #require(found["loss"])[0]
    for point in points(30, of: x, radius: radius, from: row.key) {
      let outputs = try values(network, ["x": point, "labels": Self.labels], parameters)
      let exact = margins(try #require(outputs["y"]))
      #expect(
        zip(exact.scalars, merged.scalars).prefix(6).allSatisfy { $0 <= $1 + slack })
      #expect(try #require(outputs["clean"])[0] <= loss + slack)
    }
  }

  @Test(
    "the margins of one affine layer are exact, with and without a bias", arguments: [true, false])
  func oneLayer(hasBias: Bool) throws {
    let row = BoundCase("one layer", [5]) { graph, x in
      try graph.linear(
        x, weight: graph.parameter("weight", [3, 5]),
        bias: hasBias ? graph.parameter("bias", [3]) : nil)
    }
    let graph = try graph(row)
    let parameters = row.parameters(of: graph)
    let (x, radius) = row.box()
    let found = try values(
      graph, ["x": x, "radius": radius, "labels": Self.labels], parameters)
    let weight = try #require(parameters["weight"])
    for example in 0..<2 {
      let label = Int(Self.labels[example])
      for k in 0..<3 {
        var margin = (parameters["bias"]?[k] ?? 0) - (parameters["bias"]?[label] ?? 0)
        for i in 0..<5 {
          let slope = weight[k * 5 + i] - weight[label * 5 + i]
          margin += slope * x[example * 5 + i] + abs(slope) * radius[example * 5 + i]
        }
        #expect(abs(try #require(found["margins"])[example * 3 + k] - margin) < 1e-10)
      }
    }
  }

  @Test("the loss of two classes and one layer is the closed form's, with its gradient")
  func logistic() throws {
    let row = BoundCase("logistic", [4]) { graph, x in
      try graph.linear(
        x, weight: graph.parameter("weight", [2, 4]), bias: graph.parameter("bias", [2]))
    }
    let labels = Tensor<Double>([1, 0, 1], shape: [3])
    let graph = try graph(row).gradient(ofScalar: "loss", withRespectTo: ["weight"])
    let parameters = row.parameters(of: graph)
    let (x, radius) = row.box()
    let found = try values(graph, ["x": x, "radius": radius, "labels": labels], parameters)
    let (weight, bias) = (try #require(parameters["weight"]), try #require(parameters["bias"]))
    var loss = 0.0
    var gradient = Tensor<Double>.zeros([2, 4])
    for example in 0..<3 {
      let label = Int(labels[example])
      var worst = bias[1 - label] - bias[label]
      for i in 0..<4 {
        let slope = weight[(1 - label) * 4 + i] - weight[label * 4 + i]
        worst += slope * x[example * 4 + i] + abs(slope) * radius[example * 4 + i]
      }
      loss += Double.log1p(Double.exp(worst)) / 3
      let share = 1 / (1 + Double.exp(-worst)) / 3
      for i in 0..<4 {
        let slope = weight[(1 - label) * 4 + i] - weight[label * 4 + i]
        let step = x[example * 4 + i] + (slope > 0 ? 1 : -1) * radius[example * 4 + i]
        gradient[(1 - label) * 4 + i] += share * step
        gradient[label * 4 + i] -= share * step
      }
    }
    #expect(abs(try #require(found["loss"])[0] - loss) < 1e-10)
    try expectEqual(try #require(found[Graph.gradientName("weight")]), gradient, "gradient")
  }

  @Test("labels that do not fit the scores are refused")
  func misfits() throws {
    var graph = GraphBuilder()
    let x = graph.input("x", [Extents.batch, 3])
    let box = try graph.box(around: x, radius: graph.constant(Tensor(0.1)))
    var bounds = try graph.intervalBounds(of: [x], over: [x: box])
    #expect(throws: GraphError.self) {
      _ = try bounds.worstMargins(scores: x, labels: x, in: &graph)
    }
  }
}
