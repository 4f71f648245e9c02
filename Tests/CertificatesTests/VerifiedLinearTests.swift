import Certificates
import Graphs
import Tensors
import Testing

/// Linear bounds in double precision that are rounded outward.
@Suite struct VerifiedLinearTests {
  /// A network with rows of scores, with its linear margins as a graph.
  private func graph(_ row: BoundCase) throws -> Graph {
    try row.scoreGraph { graph, y, labels, bounds in
      for slope in LowerSlope.allCases {
        graph.output(
          "\(slope)",
          try bounds.linearMargins(scores: y, labels: labels, lowerSlope: slope, in: &graph))
      }
    }
  }

  private static let rows =
    BoundCase.affine + BoundCase.networks
    + BoundCase.others.filter { !$0.name.contains("softmax") }

  @Test(
    "verified linear bounds hold those in double precision, and are hardly wider", arguments: rows)
  func contains(_ row: BoundCase) throws {
    let graph = try graph(row)
    let parameters = row.singles(of: graph)
    let (x, radius) = row.box(radius: 0.05)
    let labels: [Double] = [1, 0, 1]
    let found = try values(
      graph, ["x": x, "radius": radius, "labels": Tensor(labels, shape: [3])],
      parameters.mapValues { $0.converted() })
    let verified = try VerifiedBounds(graph, parameters: parameters)
    for slope in LowerSlope.allCases {
      let margins = verified.linearMargins(
        of: boxes(x, radius), labels: labels.map { Int($0) }, lowerSlope: slope
      ).flatMap { $0 }
      let expected = try #require(found["\(slope)"])
      let scale = max(1, magnitude(expected))
      for index in 0..<expected.count {
        #expect(margins[index] >= expected[index] - 1e-12 * scale)
        #expect(margins[index] <= expected[index] + 1e-9 * scale)
      }
    }
  }

  @Test("no point of the box has larger margins", arguments: BoundCase.networks)
  func sound(_ row: BoundCase) throws {
    let graph = try graph(row)
    let parameters = row.singles(of: graph)
    let (x, radius) = row.box(radius: 0.02)
    let verified = try VerifiedBounds(graph, parameters: parameters)
    let margins = verified.linearMargins(of: boxes(x, radius), labels: [2, 0, 1])
    let network = try graph.selecting(outputs: ["logits"])
    for point in points(20, of: x, radius: radius, from: row.key) {
      let scores = try #require(
        try values(network, ["x": point], parameters.mapValues { $0.converted() })["logits"])
      for (row, label) in [2, 0, 1].enumerated() {
        #expect(margins[row][label] == 0)
        for k in 0..<3 where k != label {
          #expect(scores[row * 3 + k] - scores[row * 3 + label] <= margins[row][k])
        }
      }
    }
  }

  /// Balls that fill the boxes of a radius along each axis.
  private func balls(
    _ x: Tensor<Double>, _ radius: Double, _ norm: EnclosingBox.Ball.Norm
  ) -> [EnclosingBox] {
    (0..<x.shape[0]).map { row in
      let center = x.row(row).scalars
      return EnclosingBox(
        lower: center.map { $0 - radius }, upper: center.map { $0 + radius },
        ball: EnclosingBox.Ball(center: center, radius: radius, norm: norm))
    }
  }

  @Test("the margins of an affine network in a ball are exact", arguments: [true, false])
  func affineBall(isEuclidean: Bool) throws {
    let weight = Tensor<Float>([1, -2, 3, 0.5, 4, -1], shape: [2, 3])
    var graph = GraphBuilder()
    let x = graph.input("x", [Extents.batch, 3])
    graph.output(
      "logits", try graph.linear(x, weight: graph.parameter("weight", [2, 3]), bias: nil))
    let verified = try VerifiedBounds(graph.finish(), parameters: ["weight": weight])
    let point = Tensor<Double>([0.25, 0.5, -1], shape: [1, 3])
    let boxes = balls(point, 0.1, isEuclidean ? .two : .one)
    // The difference of the rows is (-0.5, 6, -4).
    let size = isEuclidean ? (0.25 + 36 + 16).squareRoot() : 6
    let exact = -0.125 + 3 + 4 + 0.1 * size
    let linear = verified.linearMargins(of: boxes, labels: [0])[0][1]
    #expect(linear >= exact && linear < exact + 1e-12)
  }

  @Test(
    "no point of a ball has larger margins, and boxes are no better", arguments: BoundCase.networks)
  func ball(_ row: BoundCase) throws {
    let graph = try graph(row)
    let parameters = row.singles(of: graph)
    let x = row.box().x
    let verified = try VerifiedBounds(graph, parameters: parameters)
    let network = try graph.selecting(outputs: ["logits"])
    let labels = [2, 0, 1]
    for norm in [EnclosingBox.Ball.Norm.two, .one] {
      let balls = balls(x, 0.05, norm)
      let boxes = balls.map { EnclosingBox(lower: $0.lower, upper: $0.upper) }
      let bounds = [
        verified.margins(of: balls, labels: labels),
        verified.linearMargins(of: balls, labels: labels, lowerSlope: .zero),
      ]
      let wider = [
        verified.margins(of: boxes, labels: labels),
        verified.linearMargins(of: boxes, labels: labels, lowerSlope: .zero),
      ]
      for (inner, outer) in zip(bounds.joined().joined(), wider.joined().joined()) {
        #expect(inner <= outer + 1e-9 * max(1, abs(outer)))
      }
      let direction = points(20, of: .zeros(x.shape), radius: x.map { _ in 1 }, from: row.key)
      for step in direction {
        var point = x
        for example in 0..<3 {
          let change = step.row(example).scalars
          let size =
            norm == .two
            ? change.reduce(0) { $0 + $1 * $1 }.squareRoot() : change.reduce(0) { $0 + abs($1) }
          for (index, value) in change.enumerated() {
            point[example * change.count + index] += 0.05 * (1 - 1e-9) * value / size
          }
        }
        let scores = try #require(
          try values(network, ["x": point], parameters.mapValues { $0.converted() })["logits"])
        for (example, label) in labels.enumerated() {
          for k in 0..<3 where k != label {
            let margin = scores[example * 3 + k] - scores[example * 3 + label]
            #expect(bounds.allSatisfy { margin <= $0[example][k] })
          }
        }
      }
    }
  }

  @Test(
    "no point has a larger margin than its certificate, which refines what linear bounds left open")
  func refined() throws {
    var graph = GraphBuilder()
    var y = graph.input("x", [Extents.batch, 6])
    for layer in 0..<4 {
      let size = graph.extents(of: y)[1]
      y = try graph.relu(
        try graph.linear(
          y, weight: graph.parameter("weight\(layer)", [12, size]),
          bias: graph.parameter("bias\(layer)", [12])))
    }
    graph.output(
      "logits", try graph.linear(y, weight: graph.parameter("last", [3, 12]), bias: nil))
    let network = graph.finish()
    var parameters: [String: Tensor<Float>] = [:]
    for (name, value) in network.parameters {
      var generator = RandomKey(seed: 5).child(name).generator
      parameters[name] = generator.normals(network[value].extents.shape(batch: 1)).map { $0 / 3 }
    }
    let verified = try VerifiedBounds(network, parameters: parameters)
    var generator = RandomKey(seed: 6).generator
    let x = generator.normals([40, 6]).converted(to: Double.self)
    let radius = x.map { _ in 0.15 }
    let scores = try #require(
      try values(network, ["x": x], parameters.mapValues { $0.converted() })["logits"])
    let labels = (0..<40).map { scores.row($0).indexOfMaximum ?? 0 }
    let boxes = boxes(x, radius)
    let certificates = verified.certificates(of: boxes, labels: labels)
    let linear = LowerSlope.allCases.map {
      verified.linearMargins(of: boxes, labels: labels, lowerSlope: $0)
    }
    let intervals = verified.margins(of: boxes, labels: labels)
    for (row, certificate) in certificates.enumerated() {
      let others = (0..<3).filter { $0 != labels[row] }
      let bound =
        others.map { k in
          min(intervals[row][k], linear[0][row][k], linear[1][row][k])
        }.max() ?? 0
      #expect(certificate.isCertified || certificate.margin <= bound)
      #expect(!certificate.isCertified || certificate.bound != .refined || bound >= 0)
    }
    let found = Set(certificates.filter(\.isCertified).map(\.bound))
    #expect(found.contains(.refined), "\(found)")
    for point in points(60, of: x, radius: radius, from: RandomKey(seed: 7)) {
      let scores = try #require(
        try values(network, ["x": point], parameters.mapValues { $0.converted() })["logits"])
      for (row, label) in labels.enumerated() {
        for k in 0..<3 where k != label {
          #expect(scores[row * 3 + k] - scores[row * 3 + label] <= certificates[row].margin)
        }
      }
    }
  }

  @Test("a sum that double precision loses is held")
  func cancellation() throws {
    var graph = GraphBuilder()
    let x = graph.input("x", [Extents.batch, 3])
    // 2^60 + 1 - 2^60 is 0 in double precision, from left to right; the other score is 1/2.
    let weight = graph.parameter("weight", [2, 3])
    let bias = graph.constant(Tensor([0, 0.5], shape: [2]))
    graph.output("logits", try graph.linear(x, weight: weight, bias: bias))
    let verified = try VerifiedBounds(
      graph.finish(), parameters: ["weight": Tensor([0x1p60, 1, -0x1p60, 0, 0, 0], shape: [2, 3])])
    let point = EnclosingBox(lower: [1, 1, 1], upper: [1, 1, 1])
    #expect(verified.linearMargins(of: [point], labels: [1])[0][0] >= 0.5)
    #expect(verified.linearMargins(of: [point], labels: [0])[0][1] >= -0.5)
  }

  @Test("what has no number verifies nothing")
  func overflow() throws {
    var graph = GraphBuilder()
    let x = graph.input("x", [Extents.batch, 2])
    let weight = graph.parameter("weight", [2, 2])
    graph.output("logits", try graph.linear(try graph.relu(x), weight: weight, bias: nil))
    let verified = try VerifiedBounds(
      graph.finish(), parameters: ["weight": Tensor([1, 0, 0, 1], shape: [2, 2])])
    for (lower, upper) in [(2.0, 1.0), (.nan, 1), (-.infinity, .infinity)] {
      let box = EnclosingBox(lower: [5, lower], upper: [5, upper])
      let margins = verified.linearMargins(of: [box], labels: [0])[0]
      #expect(!VerifiedBounds.isVerified(margins, label: 0))
    }
    let point = EnclosingBox(lower: [5, 1], upper: [5, 2])
    #expect(
      VerifiedBounds.isVerified(verified.linearMargins(of: [point], labels: [0])[0], label: 0))
  }

  @Test("many boxes have the bounds that each has by itself")
  func batches() throws {
    let row = BoundCase.networks[3]
    let graph = try graph(row)
    let verified = try VerifiedBounds(graph, parameters: row.singles(of: graph))
    var generator = row.key.generator
    let boxes = (0..<37).map { _ in
      EnclosingBox(around: generator.uniforms(row.example), radius: 0.01, within: 0...1)
    }
    let labels = (0..<37).map { $0 % 3 }
    let together = verified.linearMargins(of: boxes, labels: labels)
    for index in stride(from: 0, to: 37, by: 6) {
      let alone = verified.linearMargins(of: [boxes[index]], labels: [labels[index]])
      #expect(together[index] == alone[0])
    }
    #expect(verified.linearMargins(of: [], labels: []).isEmpty)
  }
}
