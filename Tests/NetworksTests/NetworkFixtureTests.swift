import Engine
import Graphs
import Networks
import Tensors
import Testing

@Suite("Whole networks have the reference values")
struct NetworkFixtureTests {
  @Test("scores and input gradient are PyTorch's", arguments: FormulaNetwork.all, [true, false])
  func inputGradient(row: FormulaNetwork, frozen: Bool) throws {
    let file = try row.file()
    let network = try CompiledNetwork(row.network(), isFrozen: frozen)
    let found = try network.crossEntropyGradient(
      of: row.formula.images, labels: FormulaWeights.labels)
    #expect(try relativeDifference(found.scores, file.tensor("logits")) <= 1e-5)
    #expect(try relativeDifference(found.gradient, file.tensor("dx")) <= 1e-5)
    #expect(try network.scores(of: row.formula.images) == found.scores)
  }

  @Test("parameter gradients are PyTorch's", arguments: FormulaNetwork.all)
  func parameterGradients(row: FormulaNetwork) throws {
    let file = try row.file()
    let network = try row.network()
    let names = network.parameterNames
    // The losses as PyTorch writes them: minus the log-softmax at the label.
    var builder = GraphBuilder(continuing: network.graph)
    let logarithms = try builder.apply(
      Softmax(logarithm: true), network.graph.output(Network.outputName))
    let labels = builder.input("labels", builder.extents(of: logarithms))
    let picked = try builder.multiply(logarithms, try builder.scale(labels, by: -1))
    builder.output("losses", try builder.apply(Reduce(axes: [1]), picked))
    let graph = try builder.finish().gradient(
      of: "losses", cotangent: "ones", withRespectTo: names + [Network.inputName])
    let oneHot = FormulaWeights.labels.map { label in
      Tensor((0..<10).map { $0 == label ? Float(1) : 0 }, shape: [10])
    }
    let run = GraphRun(
      graph: graph,
      inputs: [
        Network.inputName: row.formula.images, "labels": .stacking(oneHot),
        "ones": Tensor(repeating: 1, shape: [oneHot.count]),
      ], parameters: network.parameters)
    for frozen in [true, false] {
      let found = try run.compiled(frozen: frozen)
      func check(_ name: String, as reference: String) throws {
        let error = relativeDifference(
          try #require(found[name]), try file.tensor(reference))
        #expect(error <= 1e-5, "\(row.fixture), frozen \(frozen): \(name)")
      }
      try check(Network.outputName, as: "logits")
      try check("losses", as: "losses")
      try check(Graph.gradientName(Network.inputName), as: "dx")
      for (number, name) in names.enumerated() {
        let gradient = try #require(found[Graph.gradientName(name)])
        #expect(gradient.shape == network.parameters[name]?.shape)
        let stride = try #require(file.metadata["stride.\(number)"].flatMap { Int($0) })
        let expected = try file.tensor("d\(number)")
        let kept = Swift.stride(from: 0, to: gradient.count, by: stride).map { gradient[$0] }
        let subset = relativeDifference(Tensor(kept, shape: expected.shape), expected)
        #expect(subset <= 1e-5, "\(row.fixture), frozen \(frozen): gradient of \(name)")

        let sums = try file.tensor("dsums.\(number)", shape: [2]).scalars.map(Double.init)
        let sum = gradient.scalars.reduce(0.0) { $0 + Double($1) }
        let squares = gradient.scalars.reduce(0.0) { $0 + Double($1) * Double($1) }
        // The sum may cancel: its error is measured by the size of the gradient. Without fused multiply-adds
        // (no AVX2) each term is rounded twice.
        let scale = max(abs(sums[0]), (sums[1] * Double(gradient.count)).squareRoot())
        #expect(abs(sum - sums[0]) <= 2e-5 * scale, "\(row.fixture): sum of \(name)")
        #expect(abs(squares - sums[1]) <= 1e-5 * sums[1], "\(row.fixture): squares of \(name)")
      }
    }
  }
}
