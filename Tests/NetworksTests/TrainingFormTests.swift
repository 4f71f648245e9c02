import Engine
import Graphs
import Networks
import Tensors
import TestSupport
import Testing

@Suite("The training form of a network is PyTorch's")
struct TrainingFormTests {
  @Test("scores, gradients and statistics of a residual network", arguments: [true, false])
  func residual(isDefined: Bool) throws {
    let file = try SafeTensorsFile(
      path: Fixtures.path("architectures/training-resnet20.safetensors"))
    let architecture = try Architecture.named("resnet20")
    let network = try architecture.network(
      loading: NamedFormula.parameters(of: architecture.graph()))
    let training = try network.graph.normalizingBatches()
    #expect(training.statistics.count == 19)
    let graph = try training.graph.gradient(
      of: Network.outputName, cotangent: "dy", withRespectTo: network.trainedNames)
    #expect(Set(graph.parameters.map(\.name)).isDisjoint(with: network.statisticNames))

    let images = Tensor.stacking((0..<4).map { NamedFormula.image($0, [3, 32, 32]) })
    let logits = try file.tensor("logits", shape: [4, 10])
    let rows = [1, 4, 7, 0].enumerated().map { row, label in
      Tensor(
        crossEntropyDerivative(logits.row(row).scalars, label: label).map { $0 / 4 }, shape: [10])
    }
    let run = GraphRun(
      graph: graph, inputs: [Network.inputName: images, "dy": .stacking(rows)],
      parameters: network.parameters)
    let found =
      isDefined
      ? try run.defined().mapValues { $0.converted(to: Float.self) }
      : try run.compiled(frozen: false)
    #expect(relativeDifference(try #require(found[Network.outputName]), logits) <= 1e-5)

    var worst = 0.0
    for name in network.trainedNames {
      let gradient = try #require(found[Graph.gradientName(name)])
      let expected = try file.tensor("d/" + name)
      let count = expected.count - 1
      let norm = Double(expected[count])
      // A sum that cancels, as the gradient of a shift before a normalisation does, has no digits left.
      let typical = max(norm / Double(gradient.count).squareRoot(), 1e-4)
      worst = max(worst, abs(gradient.norm2 - norm) / max(norm, 1e-4))
      for index in 0..<count {
        let value = gradient[index * max(gradient.count / 8, 1)]
        worst = max(worst, abs(Double(value) - Double(expected[index])) / typical)
      }
    }
    #expect(worst <= 1e-3, "gradients differ by \(worst)")

    for statistics in training.statistics {
      let count = Float(statistics.countPerExample * 4)
      for (name, factor) in [(statistics.mean, 1), (statistics.variance, count / (count - 1))] {
        let old = try #require(network.parameters[name])
        let batch = try #require(found[Graph.batchName(name)])
        let new = old.zip(batch) { 0.9 * $0 + 0.1 * factor * $1 }
        let expected = try file.tensor(name)
        let sampled = (0..<expected.count).map { new[$0 * max(new.count / 8, 1)] }
        #expect(
          relativeDifference(Tensor(sampled, shape: expected.shape), expected) <= 1e-5, "\(name)")
      }
    }
  }

  @Test("what has no normalisation stays what it is")
  func plain() throws {
    let graph = try Architecture.leNet5.graph()
    let training = try graph.normalizingBatches()
    #expect(training.statistics.isEmpty)
    #expect(training.graph.nodes.count == graph.nodes.count)
    #expect(training.graph.outputs.map(\.name) == [Network.outputName])
  }

  @Test("one statistic of two normalisations is refused")
  func shared() throws {
    var builder = GraphBuilder()
    let x = builder.input("x", [Extents.batch, 3])
    let vectors = (0..<4).map { builder.parameter("v\($0)", [3]) }
    var y = x
    for _ in 0..<2 { y = try builder.apply(BatchNormalization(), to: [y] + vectors) }
    builder.output("y", y)
    #expect(throws: GraphError.duplicateName("v2", kind: "output")) {
      try builder.finish().normalizingBatches()
    }
  }
}
