import Engine
import Graphs
import Models
import Tensors
import Testing

/// A graph, its parameters and two names are a model; no file format is needed.
@Suite struct CompiledNetworkTests {
  private static func parts() throws -> (graph: Graph, parameters: [String: Tensor<Float>]) {
    var builder = GraphBuilder()
    let x = builder.input("image", Extents(batchOf: [1, 2, 3]))
    let weight = builder.parameter("weight", [4, 6])
    let scores = try builder.linear(try builder.flatten(x), weight: weight, bias: nil)
    builder.output("scores", scores)
    builder.output("others", try builder.relu(scores))
    var randomness = Philox(key: 9)
    return (builder.finish(), ["weight": randomness.normals([4, 6])])
  }

  @Test func `outputs and gradients are those of the graph`() async throws {
    let (graph, parameters) = try Self.parts()
    let model = try CompiledNetwork(
      graph: graph, parameters: parameters, input: "image", output: "scores",
      inputShape: [1, 2, 3])
    let affine = AffineModel(
      inputShape: [1, 2, 3], weights: try #require(parameters["weight"]), biases: .zeros([4]))
    #expect(model.outputCount == 4 && model.knowledge == .gradients)
    var randomness = Philox(key: 10)
    let inputs = randomness.uniforms([7, 1, 2, 3])
    let found = try await model.gradients(at: inputs, batch: 3) { $1 }
    let expected = try affine.differentiate(inputs) { $0 }
    #expect((found.outputs - expected.outputs).normInfinity < 1e-5)
    #expect((found.gradients - expected.gradients).normInfinity < 1e-4)
    let defined = try #require(model.definition).outputs(of: inputs.row(2))
    for (value, output) in zip(defined.precise, expected.outputs.row(2).scalars) {
      #expect(abs(value - Double(output)) < 1e-5)
    }
  }

  @Test func `an output that the graph does not have is refused`() throws {
    let (graph, parameters) = try Self.parts()
    #expect(throws: GraphError.self) {
      try CompiledNetwork(
        graph: graph, parameters: parameters, input: "image", output: "logits",
        inputShape: [1, 2, 3])
    }
  }
}
