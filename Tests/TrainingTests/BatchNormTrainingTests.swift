import Attacks
import Datasets
import Graphs
import Networks
import Optimizers
import Robustness
import Tensors
import Testing
import Training

/// Networks with batch normalisations: statistics follow the batches, and are saved and resumed.
@Suite struct BatchNormTrainingTests {
  private func network() throws -> Network {
    try Network("normalised", input: .mnist, seed: 2) {
      Convolve(8, kernel: 5, stride: 3, bias: .absent)
      BatchNorm()
      ReLU()
      GlobalAveragePooling()
      Linear(10)
      BatchNorm()
    }
  }

  private func recipe(_ batch: Int, rate: Double, adversary: Recipe.Adversary? = nil) -> Recipe {
    Recipe(
      epochs: 1, batchSize: batch, optimizer: SGD(momentum: 0.9, weightDecay: 1e-3),
      schedule: .constant(rate: rate), seed: 4, adversary: adversary)
  }

  @Test("running statistics are PyTorch's of whole and of smaller batches, and of no others")
  func statistics() async throws {
    let data = Digits.data(13)
    let network = try network()
    // Without a rate nothing but the statistics changes.
    let end = try await Trainer(recipe(8, rate: 0)).train(
      TrainingState(network, recipe: recipe(8, rate: 0)), on: data)
    #expect(end.step == 2)
    let training = try network.graph.normalizingBatches()
    var generator = RandomKey(seed: 4).child("shuffle").child(0).generator
    let order = generator.permutation(of: 13)
    var expected = network.parameters.mapValues { $0.converted(to: Double.self) }
    for positions in [order[..<8], order[8...]] {
      let rows = try Tensor.stacking(positions.map { try data.image(at: $0) })
        .converted(to: Double.self)
      let found = try Interpreter(training.graph)(
        [Network.inputName: rows],
        parameters: network.parameters.mapValues { $0.converted() })
      for statistics in training.statistics {
        let count = Double(statistics.countPerExample * positions.count)
        for (name, factor) in [(statistics.mean, 1), (statistics.variance, count / (count - 1))] {
          let batch = try #require(found[Graph.batchName(name)])
          expected[name] = expected[name]?.zip(batch) { 0.9 * $0 + 0.1 * factor * $1 }
        }
      }
    }
    for (name, tensor) in end.network.parameters {
      let difference = try #require(expected[name]).zip(tensor.converted()) { abs($0 - $1) }
      #expect(difference.scalars.allSatisfy { $0 <= 1e-6 }, "\(name)")
      #expect((tensor != network.parameters[name]) == network.statisticNames.contains(name))
    }
  }

  @Test("the optimiser is never given statistics")
  func optimizer() async throws {
    let recipe = recipe(8, rate: 0.05)
    let network = try network()
    let end = try await Trainer(recipe).train(
      TrainingState(network, recipe: recipe), on: Digits.data(16))
    #expect(Set(end.optimizer.state.keys) == Set(network.trainedNames))
    for name in network.parameterNames {
      #expect(end.network.parameters[name] != network.parameters[name], "\(name)")
    }
  }

  @Test("a batch of one example without any neighbours has no variance")
  func single() async throws {
    let recipe = recipe(4, rate: 0.05)
    let network = try network()
    await #expect(throws: TrainingError.self) {
      try await Trainer(recipe).train(
        TrainingState(network, recipe: recipe), on: Digits.data(5))
    }
  }

  @Test("an interrupted adversarial training goes on bit for bit")
  func resumes() async throws {
    let images = Digits.data(11)
    var generator = RandomKey(seed: 8).generator
    let data = Dataset(
      name: "noise", exampleShape: [3, 32, 32],
      values: generator.uniforms([11, 3, 32, 32]).scalars, labels: images.labels,
      classNames: images.classNames, bounds: 0...1)
    let recipe = recipe(
      6, rate: 0.01,
      adversary: .init(
        PGD { $0.steps = 2 }, threat: try Ball(.infinity, radius: 0.03), description: "pgd"))
    let trainer = Trainer(recipe)
    let start = TrainingState(
      try Architecture.named("resnet20").network(seed: 1), recipe: recipe)
    let whole = try await trainer.train(start, on: data)
    #expect(whole.step == 2)
    let part = try await Task {
      try await trainer.train(
        start, on: data,
        onStep: { if $0.step == 1 { withUnsafeCurrentTask { $0?.cancel() } } })
    }.value
    #expect(part.step == 1)
    let reread = try Digits.reread(part, recipe, on: data)
    #expect(reread.bits == part.bits)
    let end = try await trainer.train(reread, on: data)
    #expect(end.bits == whole.bits)
    #expect(
      end.network.parameters["bn1.running_mean"] != start.network.parameters["bn1.running_mean"])
  }
}
