import Attacks
import Datasets
import Networks
import Optimizers
import Robustness
import Tensors
import TestSupport
import Testing
import Training

/// Twenty steps of training against PyTorch's in double precision.
@Suite struct CurveTests {
  // With how far the first loss may be from PyTorch's, and how far all losses may.
  @Test("losses are PyTorch's", arguments: [("plain", 1e-5, 1e-4), ("pgd", 1e-5, 1e-2)])
  func losses(name: String, first: Double, all: Double) async throws {
    let file = try SafeTensorsFile(path: Fixtures.path("curves/\(name).safetensors"))
    var network = try Network(
      "simple", input: InputDescription(shape: [1, 8, 8]), seed: 0
    ) {
      Convolve(4, kernel: 3, stride: 2, padding: 1)
      ReLU()
      Flatten()
      Linear(5)
    }
    var parameters: [String: Tensor<Float>] = [:]
    for name in network.parameterNames {
      parameters[name] = try file.tensor("parameter/\(name)")
    }
    try network.load(parameters)
    let data = Dataset(
      name: "curve", exampleShape: [1, 8, 8], values: try file.tensor("x").scalars,
      labels: try file.tensor("labels").scalars.map { Int($0) },
      classNames: ["a", "b", "c", "d", "e"], bounds: 0...1)
    let adversary = Recipe.Adversary(
      PGD {
        $0.steps = 5
        $0.stepSize = 0.05
        $0.randomStart = false
      }, threat: try Ball(.infinity, radius: 0.1), description: "five steps")
    let recipe = Recipe(
      epochs: 20, batchSize: data.count, optimizer: SGD(momentum: 0.9),
      schedule: .constant(rate: 0.1), adversary: name == "pgd" ? adversary : nil)
    let end = try await Trainer(recipe).train(
      TrainingState(network, recipe: recipe), on: data)
    let expected = try file.tensor("losses").scalars.map(Double.init)
    let found = end.epochs.map(\.loss)
    #expect(found.count == 20 && expected.count == 20)
    #expect(abs(found[0] - expected[0]) < first)
    for (step, (found, expected)) in zip(found, expected).enumerated() {
      #expect(abs(found - expected) < all, "step \(step + 1)")
    }
    // Something was learnt.
    #expect(expected[19] < expected[0] - 0.1)
  }
}
