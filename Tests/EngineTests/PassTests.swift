import Engine
import Graphs
import Tensors
import Testing

@Suite("Each pass keeps the function")
struct PassTests {
  /// Each pass of the back end after those before it.
  @Test("on random networks, exactly, with gradients", arguments: Backend.oneDNN.passes.indices)
  func random(position: Int) throws {
    let pass = Backend.oneDNN.passes[position]
    var changes = 0
    for seed in 0..<60 {
      let network = try RandomNetwork(.exact, seed: seed)
      let (inputs, parameters) = network.operands(batch: 2, draw: seed)
      let store = ParameterStore(parameters, isFrozen: true)
      let graph = Backend.oneDNN.passes[..<position].reduce(network.graph.pruned()) {
        $1($0, store)
      }
      let changed = pass(graph, store)
      if Self.kinds(changed) != Self.kinds(graph) { changes += 1 }
      let before = try run(network.graph, inputs, parameters)
      let after = try run(changed, inputs, parameters)
      for (name, value) in before {
        #expect(after[name] == value, "\(pass.name), seed \(seed), output \(name)")
      }
    }
    #expect(changes > 3, "\(pass.name) found too little to do to be tested")
  }

  private static func kinds(_ graph: Graph) -> [String] {
    graph.nodes.map { node in
      if case .operation(let op, _, _) = node { "\(op)" } else { "" }
    }
  }

  private func run(
    _ graph: Graph, _ inputs: [String: Tensor<Float>], _ parameters: [String: Tensor<Float>]
  ) throws -> [String: Tensor<Double>] {
    let names = Set(graph.inputs.map(\.name))
    let needed = Set(graph.parameters.map(\.name))
    return try Interpreter(graph)(
      inputs.filter { names.contains($0.key) }.mapValues { $0.converted() },
      parameters: parameters.filter { needed.contains($0.key) }.mapValues { $0.converted() })
  }
}
