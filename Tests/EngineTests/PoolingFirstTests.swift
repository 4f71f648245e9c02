import Engine
import Graphs
import Tensors
import Testing

@Suite struct PoolingFirstTests {
  private func network() throws -> Graph {
    var graph = GraphBuilder()
    let x = graph.input("x", [Extents.batch, 2, 8, 8])
    let weight = graph.parameter("weight", [5, 2, 3, 3])
    let inner = try graph.convolution(x, weight: weight, bias: nil, Window(3, padding: 1))
    let pooled = try graph.apply(MaxPool(Window(2, stride: 2)), try graph.relu(inner))
    let shared = try graph.relu(pooled)
    let again = try graph.apply(MaxPool(Window(3, stride: 1, padding: 1)), shared)
    graph.output("y", try graph.add(again, shared))
    return graph.finish()
  }

  @Test func movesOnlyWhatNothingElseSees() throws {
    let names = try network().poolingFirst().nodes.compactMap { node -> String? in
      if case .operation(let op, _, _) = node { op.name } else { nil }
    }
    // The second ReLU is also an operand of the sum, so it stays before its pooling.
    #expect(
      names == ["convolution", "max pooling", "relu", "relu", "max pooling", "add"])
  }

  @Test(arguments: 0..<8) func keepsValuesAndGradients(_ seed: UInt64) throws {
    let before = try network().gradient(of: "y", cotangent: "dy", withRespectTo: ["x", "weight"])
    let after = try network().poolingFirst().gradient(
      of: "y", cotangent: "dy", withRespectTo: ["x", "weight"])
    let first = try EngineComparison(before, batch: 3, seed: seed).reference()
    let second = try EngineComparison(after, batch: 3, seed: seed).reference()
    #expect(first == second)
    try EngineComparison(after, batch: 3, seed: seed).check("pooling first")
  }
}
