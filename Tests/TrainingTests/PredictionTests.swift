import Datasets
import Models
import Tensors
import Testing
import Training

@Suite struct PredictionTests {
  private func model(bias: Float) -> AffineModel {
    var randomness = Philox(key: 5)
    return AffineModel(
      inputShape: [1, 28, 28], weights: randomness.normals([10, 784]),
      biases: Tensor(repeating: bias, shape: [10]))
  }

  @Test(arguments: [1, 7, 128])
  func `predictions are the largest outputs, whatever the batch`(batch: Int) async throws {
    let data = Digits.data(20)
    let model = model(bias: 0)
    let expected = try data.examples.map { try model.evaluate($0.input).indexOfMaximum }
    #expect(try await model.predictions(on: data, batch: batch) == expected)
    #expect(Set(expected).count > 1)
  }

  @Test func `outputs that are no numbers are no class`() async throws {
    let predictions = try await model(bias: .nan).predictions(on: Digits.data(3))
    #expect(predictions == [nil, nil, nil])
  }
}
