import Certificates
import Graphs
import Tensors
import Testing

/// Each operator's interval against the operator itself.
@Suite struct IntervalRuleTests {
  @Test(
    "the value at any point of the box is inside the interval",
    arguments: BoundCase.affine + BoundCase.elementwise + BoundCase.others + BoundCase.networks)
  func contains(_ row: BoundCase) throws {
    let graph = try row.graph()
    let parameters = row.parameters(of: graph)
    let (x, radius) = row.box()
    let bounds = try values(graph, ["x": x, "radius": radius], parameters)
    let (lower, upper) = (try #require(bounds["lower"]), try #require(bounds["upper"]))
    let network = try graph.selecting(outputs: ["y"])
    for point in points(60, of: x, radius: radius, from: row.key) {
      let y = try #require(try values(network, ["x": point], parameters)["y"])
      let slack = 1e-12 * max(1, magnitude(y))
      let isInside = y.zip(lower, upper) { $0 >= $1 - slack && $0 <= $2 + slack ? 1 : 0 }
      #expect(isInside.scalars.allSatisfy { $0 == 1 })
    }
  }

  @Test(
    "a radius of zero gives the clean value",
    arguments: BoundCase.affine + BoundCase.elementwise + BoundCase.others + BoundCase.networks)
  func vanishes(_ row: BoundCase) throws {
    let graph = try row.graph()
    let parameters = row.parameters(of: graph)
    let (x, radius) = row.box(radius: 0)
    let bounds = try values(graph, ["x": x, "radius": radius], parameters)
    let y = try #require(bounds["y"])
    try expectEqual(try #require(bounds["lower"]), y, "lower end")
    try expectEqual(try #require(bounds["upper"]), y, "upper end")
  }

  @Test("the interval of an affine layer is its exact range", arguments: BoundCase.affine)
  func affine(_ row: BoundCase) throws {
    let graph = try row.graph()
    let parameters = row.parameters(of: graph)
    let (x, radius) = row.box()
    let bounds = try values(graph, ["x": x, "radius": radius], parameters)
    let (lower, upper) = (try #require(bounds["lower"]), try #require(bounds["upper"]))
    let network = try graph.selecting(outputs: ["y"])
    let slopes = try network.gradient(of: "y", cotangent: "dy", withRespectTo: ["x"])
    for index in 0..<upper.count {
      var selection = Tensor<Double>.zeros(upper.shape)
      selection[index] = 1
      let outputs = try values(slopes, ["x": x, "dy": selection], parameters)
      let slope = try #require(outputs[Graph.gradientName("x")])
      for (sign, end) in [(1.0, upper), (-1.0, lower)] {
        let corner = x + slope.zip(radius) { $0 == 0 ? 0 : ($0 > 0 ? sign : -sign) * $1 }
        let y = try #require(try values(network, ["x": corner], parameters)["y"])
        #expect(abs(y[index] - end[index]) < 1e-10)
      }
    }
  }

  @Test("the interval of a function is its exact range", arguments: BoundCase.elementwise)
  func exact(_ row: BoundCase) throws {
    let graph = try row.graph()
    let (x, radius) = row.box()
    let bounds = try values(graph, ["x": x, "radius": radius])
    let network = try graph.selecting(outputs: ["y"])
    var range: (lower: Tensor<Double>, upper: Tensor<Double>)?
    let count = 4000
    // The points of a grid, and the nearest one to zero, where functions have their kinks.
    let nearest = x.zip(radius) { $0 + min(max(-$0, -$1), $1) }
    for step in -1...count {
      let place = 2 * Double(step) / Double(count) - 1
      let point = step < 0 ? nearest : x + place * radius
      let y = try #require(try values(network, ["x": point])["y"])
      let known = range ?? (y, y)
      range = (known.lower.zip(y) { min($0, $1) }, known.upper.zip(y) { max($0, $1) })
    }
    let found = try #require(range)
    try expectEqual(try #require(bounds["lower"]), found.lower, within: 1e-4, "lower end")
    try expectEqual(try #require(bounds["upper"]), found.upper, within: 1e-4, "upper end")
  }

  @Test("the interval of a softmax is attained, and no more")
  func softmax() throws {
    let row = BoundCase("softmax", [4], Softmax(logarithm: true))
    let graph = try row.graph()
    let (x, radius) = row.box()
    let bounds = try values(graph, ["x": x, "radius": radius])
    for own in 0..<4 {
      for (sign, name) in [(1.0, "upper"), (-1.0, "lower")] {
        let signs = Tensor<Double>(
          (0..<x.count).map { $0 % 4 == own ? sign : -sign }, shape: x.shape)
        let y = try #require(try values(graph, ["x": x + signs * radius, "radius": radius])["y"])
        let end = try #require(bounds[name])
        for index in stride(from: own, to: x.count, by: 4) {
          #expect(abs(y[index] - end[index]) < 1e-12)
        }
      }
    }
  }

  @Test("operators without a rule are refused by name")
  func refusals() throws {
    func error(
      _ write: (inout GraphBuilder, Value) throws -> Value
    ) throws -> BoundError? {
      var graph = GraphBuilder()
      let x = graph.input("x", [Extents.batch, 3])
      let y = try write(&graph, x)
      let box = try graph.box(around: x, radius: graph.constant(Tensor(0.1)))
      return #expect(throws: BoundError.self) {
        _ = try graph.intervalBounds(of: [y], over: [x: box])
      }
    }
    let sine = try error { try $0.apply(Elementwise(.sin), $1) }
    #expect(sine == .unsupported(operator: "sin", uncertainOperands: 1))
    #expect(
      sine?.description
        == "no bound is known of sin where one operand depends on the network's input")
    let gram = try error { try $0.apply(MatrixMultiply(transposesLeft: true), $1, $1) }
    #expect(gram == .unsupported(operator: "matrix product", uncertainOperands: 2))
    #expect(
      gram?.description
        == "no bound is known of matrix product where 2 operands depend on the network's input")
    let comparison = try error { try $0.apply(Comparison(.less), $1, $1) }
    #expect(comparison == .unsupported(operator: "comparison", uncertainOperands: 2))
    let norm = try error { try $0.apply(Standardize(axes: [1]), $1) }
    #expect(norm == .unsupported(operator: "standardisation", uncertainOperands: 1))
    #expect(
      try error { try $0.apply(Elementwise(.reciprocal), $1) }
        == .unsupported(operator: "reciprocal", uncertainOperands: 1))
    #expect(
      try error { graph, x in
        try graph.apply(
          Softmax(axis: 1),
          try graph.apply(
            Reshape(to: [Extents.batch, 3, 1]), x))
      }
        == .unsupported(operator: "softmax", uncertainOperands: 1))

    var graph = GraphBuilder()
    let x = graph.input("x", [Extents.batch, 3])
    let scalar = graph.constant(Tensor(0))
    #expect(throws: BoundError.self) {
      _ = try graph.intervalBounds(of: [x], over: [x: Interval(lower: scalar, upper: scalar)])
    }
  }

  @Test("a box stays inside its range, with one radius for each example")
  func box() throws {
    var graph = GraphBuilder()
    let x = graph.input("x", [Extents.batch, 2])
    let radius = graph.input("radius", [Extents.batch])
    let box = try graph.box(around: x, radius: radius, within: 0...1)
    graph.output("lower", box.lower)
    graph.output("upper", box.upper)
    let found = try values(
      graph.finish(),
      [
        "x": Tensor([0.25, 0.5, 0.75, 1], shape: [2, 2]),
        "radius": Tensor([0.5, 0.125], shape: [2]),
      ])
    #expect(found["lower"] == Tensor([0, 0, 0.625, 0.875], shape: [2, 2]))
    #expect(found["upper"] == Tensor([0.75, 1, 0.875, 1], shape: [2, 2]))
  }

  @Test("values that do not depend on the source stay exact, and the search ends at sources")
  func exactValues() throws {
    var graph = GraphBuilder()
    let x = graph.input("x", [Extents.batch, 3])
    let weight = graph.parameter("weight", [2, 3])
    let hidden = try graph.linear(x, weight: weight, bias: nil)
    let active = try graph.relu(hidden)
    let unused = try graph.apply(Elementwise(.sin), x)
    let box = try graph.box(around: hidden, radius: graph.constant(Tensor(0.1)))
    var bounds = try graph.intervalBounds(of: [active, x], over: [hidden: box])
    #expect(bounds.values == [hidden, active])
    #expect(bounds.sources == [hidden])
    #expect(!bounds.isUncertain(x) && !bounds.isUncertain(unused) && bounds.isUncertain(active))
    let exact = try bounds.interval(of: x, in: &graph)
    #expect(exact == Interval(lower: x, upper: x))
  }
}
