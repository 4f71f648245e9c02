import Engine
import Graphs
import Tensors
import Testing

@Suite("Each pass keeps the function")
struct PassTests {
  struct Pass: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let apply: @Sendable (Graph, [String: Tensor<Float>]) -> Graph
  }

  private static let passes = [
    Pass(testDescription: "folding constants") { graph, parameters in
      graph.foldingConstants(ParameterStore(parameters, isFrozen: true))
    },
    Pass(testDescription: "fusing ReLU gradients") { graph, _ in graph.fusingReLUGradients() },
    Pass(testDescription: "fusing layers") { graph, _ in graph.fusingLayers() },
    Pass(testDescription: "fusing input gradients") { graph, _ in
      graph.fusingReLUGradients().fusingInputGradients()
    },
    Pass(testDescription: "dead code") { graph, _ in graph.pruned() },
  ]

  @Test("on random networks, exactly, with gradients", arguments: passes)
  func random(pass: Pass) throws {
    var changes = 0
    for seed in 0..<60 {
      let network = try RandomNetwork(.exact, seed: seed)
      let graph = network.graph
      let (inputs, parameters) = network.operands(batch: 2, draw: seed)
      let changed = pass.apply(graph, parameters)
      if Self.kinds(changed) != Self.kinds(graph) { changes += 1 }
      let before = try run(graph, inputs, parameters)
      let after = try run(changed, inputs, parameters)
      for (name, value) in before {
        #expect(after[name] == value, "seed \(seed), output \(name)")
      }
    }
    if pass.testDescription != "dead code" {
      #expect(changes > 3, "the pass found too little to do to be tested")
    }
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
