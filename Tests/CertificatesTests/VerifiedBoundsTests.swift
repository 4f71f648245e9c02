import Certificates
import Graphs
import Tensors
import Testing

/// Bounds in double precision that are rounded outward.
@Suite struct VerifiedBoundsTests {
  /// A row with rows of scores, whatever its shape, by intervals of the graph as well.
  private func graph(_ row: BoundCase) throws -> Graph {
    try row.scoreGraph { graph, y, labels, bounds in
      let interval = try bounds.interval(of: y, in: &graph)
      graph.output("lower", interval.lower)
      graph.output("upper", interval.upper)
      graph.output("margins", try bounds.worstMargins(scores: y, labels: labels, in: &graph))
    }
  }

  private static let rows =
    BoundCase.affine + BoundCase.elementwise + BoundCase.networks
    + BoundCase.others.filter { !$0.name.contains("softmax") }

  @Test(
    "verified bounds hold the interval in double precision, and are hardly wider", arguments: rows)
  func contains(_ row: BoundCase) throws {
    let graph = try graph(row)
    let parameters = row.singles(of: graph)
    let (x, radius) = row.box(radius: 0.1)
    let labels: [Double] = [1, 0, 1]
    let found = try values(
      graph, ["x": x, "radius": radius, "labels": Tensor(labels, shape: [3])],
      parameters.mapValues { $0.converted() })
    let (lower, upper) = (try #require(found["lower"]), try #require(found["upper"]))
    let verified = try VerifiedBounds(graph, parameters: parameters)
    let scores = verified.scores(of: boxes(x, radius))
    let count = verified.classCount
    // Several entries of one place of a sparse matrix are not added up first.
    let scale =
      row.name == "sparse product" ? 1e9 : max(1, magnitude(lower), magnitude(upper))
    for index in 0..<lower.count {
      let (row, k) = (index / count, index % count)
      #expect(scores[row].lower[k] <= lower[index] && scores[row].upper[k] >= upper[index])
      #expect(scores[row].lower[k] >= lower[index] - 1e-9 * scale)
      #expect(scores[row].upper[k] <= upper[index] + 1e-9 * scale)
    }
    let margins = verified.margins(of: boxes(x, radius), labels: labels.map { Int($0) })
    let expected = try #require(found["margins"])
    for index in 0..<expected.count {
      let margin = margins[index / count][index % count]
      #expect(
        margin <= expected[index] + 1e-9 * scale
          && margin >= expected[index] - 1e-12 * max(1, magnitude(expected)))
    }
  }

  @Test("no point of the box has larger margins", arguments: BoundCase.networks)
  func sound(_ row: BoundCase) throws {
    let graph = try graph(row)
    let parameters = row.singles(of: graph)
    let (x, radius) = row.box(radius: 0.02)
    let verified = try VerifiedBounds(graph, parameters: parameters)
    let margins = verified.margins(of: boxes(x, radius), labels: [2, 0, 1])
    let network = try graph.selecting(outputs: ["logits"])
    for point in points(20, of: x, radius: radius, from: row.key) {
      let scores = try #require(
        try values(network, ["x": point], parameters.mapValues { $0.converted() })["logits"])
      for (row, label) in [2, 0, 1].enumerated() {
        for k in 0..<3 where k != label {
          #expect(scores[row * 3 + k] - scores[row * 3 + label] <= margins[row][k])
        }
      }
    }
    #expect(verified.margins(of: boxes(x, radius)[1], label: 0) == margins[1])
  }

  /// One linear layer of given weights, K x I.
  private func layer(_ weight: Tensor<Float>, times count: Int = 1) throws -> VerifiedBounds {
    var graph = GraphBuilder()
    var y = graph.input("x", [Extents.batch, weight.shape[1]])
    let value = graph.parameter("weight", weight.shape)
    for _ in 0..<count { y = try graph.linear(y, weight: value, bias: nil) }
    graph.output("logits", try graph.affine(y, factor: 1, offset: 0))
    return try VerifiedBounds(graph.finish(), parameters: ["weight": weight])
  }

  @Test("a sum that double precision loses is held")
  func cancellation() throws {
    // 2^60 + 1 - 2^60 is 0 in double precision, from left to right.
    let verified = try layer(Tensor([0x1p60, 1, -0x1p60, 0, 0, 0], shape: [2, 3]))
    let point = EnclosingBox(lower: [1, 1, 1], upper: [1, 1, 1])
    let scores = verified.scores(of: [point])[0]
    #expect(scores.lower[0] <= 1 && scores.upper[0] >= 1)
    #expect(verified.margins(of: point, label: 0)[1] > -1)
    #expect(!VerifiedBounds.isVerified(verified.margins(of: point, label: 0), label: 0))
  }

  @Test("what overflows verifies nothing, nor does an empty box")
  func overflow() throws {
    let huge = try layer(Tensor([3e38, 0, 0, -3e38], shape: [2, 2]), times: 9)
    let point = EnclosingBox(lower: [1, 1], upper: [1, 1])
    #expect(!VerifiedBounds.isVerified(huge.margins(of: point, label: 0), label: 0))
    #expect(!VerifiedBounds.isVerified(huge.margins(of: point, label: 1), label: 1))
    let plain = try layer(Tensor([1, 0, 0, -1], shape: [2, 2]))
    #expect(VerifiedBounds.isVerified(plain.margins(of: point, label: 0), label: 0))
    for (lower, upper) in [(2.0, 1.0), (.nan, 1), (-.infinity, .infinity)] {
      let box = EnclosingBox(lower: [lower, 1], upper: [upper, 1])
      #expect(!VerifiedBounds.isVerified(plain.margins(of: box, label: 0), label: 0))
    }
  }

  @Test("a tie is not verified")
  func ties() throws {
    let verified = try layer(Tensor([1, 1], shape: [2, 1]))
    let point = EnclosingBox(lower: [1], upper: [1])
    #expect(!VerifiedBounds.isVerified(verified.margins(of: point, label: 0), label: 0))
  }

  @Test("the box around an example is rounded outward and inside its range")
  func box() {
    let example = Tensor<Float>([0.1, 0.5, 1], shape: [3])
    let box = EnclosingBox(around: example, radius: 0.3, within: 0...1)
    #expect(box.lower[0] == 0 && box.upper[2] == 1)
    #expect(box.lower[1] < 0.5 - 0.3 && box.lower[1] > 0.5 - 0.3 - 1e-15)
    #expect(
      box.upper[0] > Double(Float(0.1)) + 0.3 && box.upper[0] < Double(Float(0.1)) + 0.3 + 1e-15)
  }

  @Test("what is unsupported or missing is refused by name")
  func refusals() throws {
    func error(
      parameters: [String: Tensor<Float>] = [:],
      _ write: (inout GraphBuilder, Value) throws -> Value
    ) throws -> BoundError? {
      var graph = GraphBuilder()
      let x = graph.input("x", [Extents.batch, 3])
      graph.output("logits", try write(&graph, x))
      let finished = graph.finish()
      return #expect(throws: BoundError.self) {
        _ = try VerifiedBounds(finished, parameters: parameters)
      }
    }
    #expect(
      try error { try $0.apply(Elementwise(.sin), $1) }
        == .unsupported(operator: "sin", uncertainOperands: 1, node: "node 2 of 2, Nx3"))
    #expect(
      try error { try $0.apply(Softmax(), $1) }
        == .unsupported(operator: "softmax", uncertainOperands: 1, node: "node 2 of 2, Nx3"))
    #expect(
      try error { try $0.apply(Standardize(axes: [0]), $1) }
        == .unsupported(
          operator: "standardisation", uncertainOperands: 1, node: "node 2 of 2, Nx3"))
    #expect(
      try error { try $0.add($1, $0.input("z", [Extents.batch, 3])) }
        == .graph(.unknownName("z", kind: "input", known: ["x"])))
    let linear: (inout GraphBuilder, Value) throws -> Value = {
      try $0.linear($1, weight: $0.parameter("weight", [2, 3]), bias: nil)
    }
    #expect(
      try error(linear) == .graph(.unknownName("weight", kind: "parameter", known: [])))
    #expect(
      try error(parameters: ["weight": .zeros([3, 2])], linear)
        == .graph(.shape(name: "weight", expected: [2, 3], found: "3x2")))
    #expect(try error { try $0.apply(Reduce(axes: [1]), $1) } != nil)
  }

  @Test("many boxes have the bounds that each has by itself")
  func batches() throws {
    let row = BoundCase.networks[3]
    let graph = try graph(row)
    let verified = try VerifiedBounds(graph, parameters: row.singles(of: graph))
    var generator = row.key.generator
    let inputs = (0..<37).map { _ in generator.uniforms(row.example) }
    let boxes = inputs.map { EnclosingBox(around: $0, radius: 0.01, within: 0...1) }
    let labels = (0..<37).map { $0 % 3 }
    let together = verified.margins(of: boxes, labels: labels)
    for index in stride(from: 0, to: 37, by: 6) {
      #expect(together[index] == verified.margins(of: boxes[index], label: labels[index]))
    }
    #expect(verified.margins(of: [], labels: []).isEmpty)
  }
}
