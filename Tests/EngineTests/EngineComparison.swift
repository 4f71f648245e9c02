import Engine
import Graphs
import Models
import Tensors
import Testing

/// Random operands for a graph, and its outputs by the engine and by definition.
struct EngineComparison {
  let graph: Graph
  let batch: Int
  var inputs: [String: Tensor<Float>]
  let parameters: [String: Tensor<Float>]

  /// Draws operands uniformly from a range that is safe for every function.
  init(_ graph: Graph, batch: Int, seed: UInt64, from range: ClosedRange<Float> = -1...1) {
    self.graph = graph
    self.batch = batch
    let key = RandomKey(seed: seed)
    func draw(_ name: String, _ shape: Shape) -> Tensor<Float> {
      var generator = key.child(name).generator
      let width = range.upperBound - range.lowerBound
      return generator.uniforms(shape).map { range.lowerBound + width * $0 }
    }
    inputs = Dictionary(
      uniqueKeysWithValues: graph.inputs.map { name, value in
        (name, draw(name, graph[value].extents.shape(batch: batch)))
      })
    parameters = Dictionary(
      uniqueKeysWithValues: graph.parameters.map { name, value in
        (name, draw(name, graph[value].extents.shape(batch: batch)))
      })
  }

  /// Takes operands as they are.
  init(
    _ graph: Graph, batch: Int, inputs: [String: Tensor<Float>],
    parameters: [String: Tensor<Float>]
  ) {
    self.graph = graph
    self.batch = batch
    self.inputs = inputs
    self.parameters = parameters
  }

  /// The outputs by definition in double precision.
  func reference() throws -> [String: Tensor<Double>] {
    try Interpreter(graph)(
      inputs.mapValues { $0.converted() }, parameters: parameters.mapValues { $0.converted() })
  }

  /// The outputs by the engine.
  func compiled(
    frozen: Bool, algorithms: Algorithms.Policy = .exact
  ) throws -> [String: Tensor<Float>] {
    try EngineThread.shared.sync { () throws(EngineError) in
      let store = ParameterStore(parameters, isFrozen: frozen)
      let plan = try Plan(
        graph, batch: batch, parameters: store, algorithms: Algorithms(algorithms))
      for (name, tensor) in inputs {
        plan.input(name)?.update(from: tensor.scalars, count: tensor.count)
      }
      try plan.run()
      var outputs: [String: Tensor<Float>] = [:]
      for (name, value) in graph.outputs {
        let shape = graph[value].extents.shape(batch: batch)
        guard let pointer = plan.output(name) else { continue }
        outputs[name] = Tensor(
          Array(UnsafeBufferPointer(start: pointer, count: shape.count)), shape: shape)
      }
      return outputs
    }
  }

  /// Expects the engine's outputs to equal the definition's, relative to the largest value.
  func check(
    tolerance: Double = 1e-5, algorithms: Algorithms.Policy = .exact, _ comment: String,
    location: SourceLocation = #_sourceLocation
  )
    throws
  {
    let expected = try reference()
    for frozen in [false, true] {
      let found = try compiled(frozen: frozen, algorithms: algorithms)
      for (name, value) in expected {
        let result = try #require(found[name], "\(comment): no output \(name)")
        let error = relativeDifference(result, value)
        #expect(
          error <= tolerance, "\(comment), \(name), frozen \(frozen): \(error)",
          sourceLocation: location)
      }
    }
  }
}

/// max |a - b| / max |b|, infinite where either is not a number.
///
/// Values below `floor` are compared with it: what is zero by cancellation is so up to rounding only.
func relativeDifference(
  _ a: Tensor<Float>, _ b: Tensor<Double>, floor: Double = 1e-30
) -> Double {
  guard a.shape == b.shape else { return .infinity }
  var largest = floor
  var difference = 0.0
  for (x, y) in zip(a.scalars, b.scalars) {
    guard x.isFinite, y.isFinite else { return .infinity }
    largest = max(largest, abs(y))
    difference = max(difference, abs(Double(x) - y))
  }
  return difference / largest
}
