import Engine
import Graphs
import Models
import Tensors

/// A graph with its operands, to be run by the engine or by definition.
struct GraphRun: Sendable {
  var graph: Graph
  var inputs: [String: Tensor<Float>] = [:]
  var parameters: [String: Tensor<Float>] = [:]

  /// Number of rows of the batched inputs.
  var batch: Int {
    let batched = graph.inputs.first { graph[$0.value].extents.isBatched }
    return batched.flatMap { inputs[$0.name]?.shape[0] } ?? 1
  }

  /// The outputs by definition in double precision.
  func defined() throws -> [String: Tensor<Double>] {
    try Interpreter(graph)(
      inputs.mapValues { $0.converted() }, parameters: parameters.mapValues { $0.converted() })
  }

  /// The outputs by the engine.
  func compiled(frozen: Bool) throws -> [String: Tensor<Float>] {
    try EngineThread.shared.sync { () throws(EngineError) in
      let store = ParameterStore(parameters, isFrozen: frozen)
      let plan = try Plan(graph, batch: batch, parameters: store)
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
}

/// max |a - b| / max |b|, infinite where shapes differ or either is not a number.
func relativeDifference<Scalar>(_ a: Tensor<Scalar>, _ b: Tensor<Float>) -> Double {
  guard a.shape == b.shape else { return .infinity }
  var largest = 0.0
  var difference = 0.0
  for (x, y) in zip(a.scalars, b.scalars) {
    guard x.isFinite, y.isFinite else { return .infinity }
    largest = max(largest, abs(Double(y)))
    difference = max(difference, abs(Double(x) - Double(y)))
  }
  return difference == 0 ? 0 : difference / largest
}
