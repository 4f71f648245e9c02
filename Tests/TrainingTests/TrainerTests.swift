import Datasets
import Graphs
import Networks
import Optimizers
import Tensors
import Testing
import Training

@Suite struct TrainerTests {
  private static let shape: Shape = [1, 6, 6]

  private func tinyNetwork() throws -> Network {
    try Network("tiny", input: InputDescription(shape: Self.shape), seed: 8) {
      Convolve(3, kernel: 3, stride: 2, padding: 1)
      ReLU()
      Flatten()
      Linear(5)
      ReLU()
      Linear(4)
    }
  }

  private func tinyData(_ count: Int) -> Dataset {
    var generator = RandomKey(seed: 21).child("tiny").generator
    return Dataset(
      name: "tiny", exampleShape: Self.shape,
      values: generator.uniforms([count * Self.shape.count]).scalars,
      labels: (0..<count).map { _ in generator.integer(below: 4) },
      classNames: ["a", "b", "c", "d"],
      bounds: 0...1)
  }

  /// The mean cross-entropy, by the definitions of the operators in double precision.
  private func loss(
    _ network: Network, _ parameters: [String: Tensor<Double>], _ data: Dataset
  ) throws -> Double {
    let outputs = try Interpreter(network.graph)(
      [Network.inputName: try data.inputs(at: 0..<data.count).converted()], parameters: parameters)
    let logits = try #require(outputs[Network.outputName]).scalars
    var sum = 0.0
    for (row, label) in data.labels.enumerated() {
      let scores = logits[row * 4..<(row + 1) * 4]
      sum += Double.log(scores.reduce(0) { $0 + Double.exp($1) }) - scores[row * 4 + label]
    }
    return sum / Double(data.count)
  }

  // In one batch with room to spare, which must not count, and in one that is full.
  @Test(arguments: [5, 8], [1.0, 0.25])
  func oneStepGoesAgainstTheGradient(count: Int, rate: Double) async throws {
    let network = try tinyNetwork()
    let data = tinyData(count)
    let recipe = Recipe(
      epochs: 1, batchSize: 8, optimizer: SGD(momentum: 0), schedule: .constant(rate: rate))
    let end = try await Trainer(recipe).train(TrainingState(network, recipe: recipe), on: data)
    #expect(end.step == 1)
    var doubles = network.parameters.mapValues { $0.converted() as Tensor<Double> }
    let before = try loss(network, doubles, data)
    #expect(abs(end.epochs[0].loss - before) < 1e-5)

    let step = 1e-5
    var largest = 0.0
    for (name, parameter) in network.parameters {
      let moved = try #require(end.network.parameters[name])
      for index in 0..<parameter.count {
        let value = Double(parameter[index])
        doubles[name]?[index] = value + step
        let above = try loss(network, doubles, data)
        doubles[name]?[index] = value - step
        let below = try loss(network, doubles, data)
        doubles[name]?[index] = value
        let slope = (above - below) / (2 * step)
        let found = Double(parameter[index] - moved[index]) / rate
        #expect(abs(found - slope) < 2e-6, "\(name) \(index): \(found), expected \(slope)")
        largest = max(largest, abs(slope))
      }
    }
    #expect(largest > 0.01)
  }

  @Test func aSmallStepLowersTheLoss() async throws {
    let network = try tinyNetwork()
    let data = tinyData(16)
    for optimizer: any Optimizer in [SGD(momentum: 0), Adam()] {
      let recipe = Recipe(
        epochs: 1, batchSize: 16, optimizer: optimizer, schedule: .constant(rate: 0.01))
      let end = try await Trainer(recipe).train(TrainingState(network, recipe: recipe), on: data)
      let before = try loss(network, network.parameters.mapValues { $0.converted() }, data)
      let after = try loss(network, end.network.parameters.mapValues { $0.converted() }, data)
      #expect(after < before)
    }
  }

  @Test func recordsCountWhatWasSeen() async throws {
    let data = tinyData(11)
    let recipe = Recipe(
      epochs: 2, batchSize: 4, optimizer: SGD(), schedule: .constant(rate: 1e-30), seed: 2)
    var seen: [Trainer.Progress] = []
    let start = TrainingState(try tinyNetwork(), recipe: recipe)
    let end = try await Trainer(recipe, validation: MeasurementPlan(data)).train(
      start, on: data, onStep: { seen.append($0) })
    #expect(seen.map(\.step) == Array(1...6))
    #expect(seen.map(\.epoch) == [1, 1, 1, 2, 2, 2])
    #expect(seen.allSatisfy { $0.total == 6 })
    // Nothing moves at such a rate, so both epochs and the validation see the same network.
    #expect(end.epochs.count == 2)
    let expected = try loss(
      start.network, start.network.parameters.mapValues { $0.converted() }, data)
    for epoch in end.epochs {
      #expect(abs(epoch.loss - expected) < 1e-5)
      #expect(epoch.accuracy == epoch.validationAccuracy)
      #expect(epoch.robustAccuracy == nil)
    }
    #expect(abs(seen[2].loss - expected) < 1e-5)
    #expect(end.current == start.current)
    #expect(end.isFinished(recipe))
  }

  @Test func dataThatDoNotFitAreRefused() async throws {
    let recipe = Recipe(epochs: 1, optimizer: SGD(), schedule: .constant(rate: 0.1))
    let start = TrainingState(try tinyNetwork(), recipe: recipe)
    func problem(_ data: Dataset) async -> String {
      await #expect(throws: TrainingError.self) {
        try await Trainer(recipe).train(start, on: data)
      }?.description ?? ""
    }
    #expect(
      await problem(Digits.data(3)) == "squares: examples are 1x28x28, the network takes 1x6x6")
    #expect(await problem(tinyData(3).subset(0..<0)) == "tiny: has no examples")
    let surplus = Dataset(
      name: "five", exampleShape: Self.shape, values: Array(repeating: 0, count: 36), labels: [4],
      classNames: ["a", "b", "c", "d", "e"], bounds: 0...1)
    #expect(await problem(surplus) == "five: label 4, but the network has 4 classes")
  }
}
