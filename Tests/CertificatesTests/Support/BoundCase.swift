import Certificates
import Graphs
import Tensors
import Testing

/// A small network of one input, what it is run at, and a box around its input.
struct BoundCase: Sendable, CustomTestStringConvertible {
  let name: String
  let example: Shape
  /// What all inputs are at least, for functions that are not defined everywhere.
  var least: Double?
  let write: @Sendable (inout GraphBuilder, Value) throws -> Value

  static let batch = 3

  var testDescription: String { name }
  var key: RandomKey { RandomKey(seed: 11).child(name) }

  init(
    _ name: String, _ example: Shape, least: Double? = nil,
    _ write: @escaping @Sendable (inout GraphBuilder, Value) throws -> Value
  ) {
    self.name = name
    self.example = example
    self.least = least
    self.write = write
  }

  /// A row of one operator of one operand.
  init(_ name: String, _ example: Shape, least: Double? = nil, _ op: some Operator) {
    self.init(name, example, least: least) { graph, x in try graph.apply(op, x) }
  }

  /// The network `x` -> `y`, with the ends of y over the box of `radius` around x.
  func graph() throws -> Graph {
    var graph = GraphBuilder()
    let x = graph.input("x", Extents(batchOf: example))
    let y = try write(&graph, x)
    let radius = graph.input("radius", Extents(batchOf: example))
    let box = try graph.box(around: x, radius: radius)
    var bounds = try graph.intervalBounds(of: [y], over: [x: box])
    let interval = try bounds.interval(of: y, in: &graph)
    graph.output("y", y)
    graph.output("lower", interval.lower)
    graph.output("upper", interval.upper)
    return graph.finish()
  }

  /// The network from `x` to rows of scores, `logits`, whatever its shape, with what is written of the scores, the labels
  /// and the bounds over the box of `radius` around x.
  func scoreGraph(
    _ outputs: (inout GraphBuilder, _ scores: Value, _ labels: Value, inout IntervalBounds) throws
      -> Void
  ) throws -> Graph {
    var graph = GraphBuilder()
    let x = graph.input("x", Extents(batchOf: example))
    let y = try graph.flatten(try write(&graph, x))
    let radius = graph.input("radius", Extents(batchOf: example))
    let labels = graph.input("labels", [Extents.batch])
    let box = try graph.box(around: x, radius: radius)
    var bounds = try graph.intervalBounds(of: [y], over: [x: box])
    graph.output("logits", y)
    try outputs(&graph, y, labels, &bounds)
    return graph.finish()
  }

  /// The parameters in single precision.
  func singles(of graph: Graph) -> [String: Tensor<Float>] {
    parameters(of: graph).mapValues { $0.converted() }
  }

  /// Seeded parameters of a graph, near 1 for variances and divisors.
  func parameters(of graph: Graph) -> [String: Tensor<Double>] {
    var parameters: [String: Tensor<Double>] = [:]
    for (name, value) in graph.parameters {
      var generator = key.child(name).generator
      let draw = generator.normals(graph[value].extents.shape(batch: 1)).converted(to: Double.self)
      parameters[name] = name.hasPrefix("positive") ? draw.map { 0.5 + $0 * $0 } : draw
    }
    return parameters
  }

  /// A center and a radius of the input for each element.
  func box(radius size: Double = 0.5) -> (x: Tensor<Double>, radius: Tensor<Double>) {
    let shape = example.prepending(BoundCase.batch)
    var generator = key.child("box").generator
    var x = generator.normals(shape).converted(to: Double.self)
    let radius = generator.uniforms(shape).converted(to: Double.self).map { size * $0 }
    if let least { x = x.zip(radius) { least + $1 + abs($0) } }
    return (x, radius)
  }
}

/// Points of a box: corners, points of faces and points inside.
func points(
  _ count: Int, of x: Tensor<Double>, radius: Tensor<Double>, from key: RandomKey
) -> [Tensor<Double>] {
  var generator = key.child("points").generator
  return (0..<count).map { index in
    let draws = generator.uniforms(x.shape).converted(to: Double.self)
    let places = draws.map { draw in
      switch index % 3 {
      case 0: draw < 0.5 ? -1 : 1
      case 1: draw < 0.3 ? -1 : draw > 0.7 ? 1 : 5 * draw - 2.5
      default: 2 * draw - 1
      }
    }
    return x + places * radius
  }
}

/// The outputs of a graph in double precision.
func values(
  _ graph: Graph, _ inputs: [String: Tensor<Double>], _ parameters: [String: Tensor<Double>] = [:]
) throws -> [String: Tensor<Double>] {
  let names = Set(graph.inputs.map(\.name))
  return try Interpreter(graph)(inputs.filter { names.contains($0.key) }, parameters: parameters)
}

/// The largest magnitude, NaN if there is one.
func magnitude(_ tensor: Tensor<Double>) -> Double {
  tensor.scalars.reduce(0) { $0.isNaN || abs($1) <= $0 ? $0 : abs($1) }
}

/// Expects two tensors to differ by at most a tolerance, relative where they are above 1.
func expectEqual(
  _ found: Tensor<Double>, _ expected: Tensor<Double>, within tolerance: Double = 1e-10,
  _ what: String, sourceLocation: SourceLocation = #_sourceLocation
) throws {
  try #require(found.shape == expected.shape, "\(what)", sourceLocation: sourceLocation)
  let difference = magnitude(found - expected) / max(1, magnitude(expected))
  #expect(difference <= tolerance, "\(what): off by \(difference)", sourceLocation: sourceLocation)
}

/// The boxes between x - radius and x + radius.
func boxes(_ x: Tensor<Double>, _ radius: Tensor<Double>) -> [EnclosingBox] {
  (0..<x.shape[0]).map { row in
    EnclosingBox(lower: (x - radius).row(row).scalars, upper: (x + radius).row(row).scalars)
  }
}
