import Engine
import Graphs
import Models
import Tensors
import Testing

/// What the engine looks for in a graph, and how graphs near it are drawn.
struct NearPattern: Sendable, CustomTestStringConvertible {
  let testDescription: String
  let numbers: PatternDrawing.Numbers
  /// Whether parameters may change, so that nothing is folded.
  let isLive: Bool
  /// Draws a graph near the pattern; the result is the output to be differentiated.
  let draw: @Sendable (inout PatternDrawing) throws -> Value
  /// Whether the pattern was found.
  let isFound: @Sendable (PatternRun) throws -> Bool

  init(
    _ name: String, numbers: PatternDrawing.Numbers = .whole, isLive: Bool = false,
    isFound: @escaping @Sendable (PatternRun) throws -> Bool,
    draw: @escaping @Sendable (inout PatternDrawing) throws -> Value
  ) {
    testDescription = name
    self.numbers = numbers
    self.isLive = isLive
    self.draw = draw
    self.isFound = isFound
  }
}

/// One graph as `CompiledNetwork` and the trainer prepare it, with its gradients, and what the engine makes of it.
struct PatternRun {
  /// The graph as it was drawn, with its parameters.
  let forward: Graph
  let given: [String: Tensor<Float>]
  /// The same after what is done ahead of differentiation, with its parameters.
  let prepared: Graph
  let parameters: [String: Tensor<Float>]
  /// The prepared graph with the gradients of `y`.
  let gradient: Graph
  /// The names of the plan's steps.
  let steps: [String]
  /// The largest difference from the definition in double precision, of outputs with and without gradients and of
  /// gradients, relative to the largest value.
  let difference: Double

  init(_ drawing: PatternDrawing, _ y: Value, isLive: Bool) throws {
    var builder = drawing.graph
    builder.output("y", y)
    forward = builder.finish().pruned()
    let names = forward.inputs.map(\.name) + (isLive ? forward.parameters.map(\.name) : [])
    let reference = try forward.gradient(of: "y", cotangent: "dy", withRespectTo: names)
    let used = Set(forward.parameters.map(\.name))
    given = drawing.parameters.filter { used.contains($0.key) }
    let folded = isLive ? (forward, given) : forward.foldingNormalization(given)
    prepared = folded.0.poolingFirst()
    parameters = folded.1
    gradient = try prepared.gradient(of: "y", cotangent: "dy", withRespectTo: names)
    var drawing = drawing
    let shape = forward[try forward.output("y")].extents.shape(batch: PatternDrawing.batch)
    var inputs = drawing.inputs.filter { names.contains($0.key) }
    inputs["dy"] = drawing.numbers(shape)
    let expected = try Interpreter(reference)(
      inputs.mapValues { $0.converted(to: Double.self) },
      parameters: given.mapValues { $0.converted() })
    let found = try Self.run(gradient, inputs, parameters, isLive: isLive)
    steps = found.steps
    let alone = try Self.run(prepared, inputs, parameters, isLive: isLive).outputs
    difference = expected.reduce(0) { largest, output in
      let results = [found.outputs[output.key]] + (alone[output.key].map { [$0] } ?? [])
      return results.reduce(largest) {
        max($0, $1.map { relativeDifference($0, output.value, floor: 1e-3) } ?? .infinity)
      }
    }
  }

  private static func run(
    _ graph: Graph, _ inputs: [String: Tensor<Float>], _ parameters: [String: Tensor<Float>],
    isLive: Bool
  ) throws -> (outputs: [String: Tensor<Float>], steps: [String]) {
    try EngineThread.shared.sync { () throws(EngineError) in
      // Parameters that may change are others at first.
      let store = ParameterStore(
        isLive ? parameters.mapValues { $0.map { 1 - $0 } } : parameters, isFrozen: !isLive)
      let plan = try Plan(graph, batch: PatternDrawing.batch, parameters: store)
      for isLast in isLive ? [false, true] : [true] {
        if isLive, isLast {
          for (name, tensor) in parameters { try store.update(name, to: tensor) }
        }
        for (name, tensor) in inputs {
          plan.input(name)?.update(from: tensor.scalars, count: tensor.count)
        }
        try plan.run()
      }
      var outputs: [String: Tensor<Float>] = [:]
      for (name, value) in graph.outputs {
        let shape = graph[value].extents.shape(batch: PatternDrawing.batch)
        guard let pointer = plan.output(name) else { continue }
        outputs[name] = Tensor(
          Array(UnsafeBufferPointer(start: pointer, count: shape.count)), shape: shape)
      }
      return (outputs, plan.stepNames)
    }
  }
}

extension Graph {
  /// The names of the operators, in order.
  var operatorNames: [String] {
    nodes.compactMap { if case .operation(let op, _, _) = $0 { op.name } else { nil } }
  }
}
