import Datasets
import Engine
import Graphs
import Models
import Networks
import Optimizers
import Tensors
import Testing
import Training

/// Averages of the parameters over the training, with statistics of their own; layers that are not trained; mixtures.
@Suite struct AveragingTests {
  private let data = Digits.data(48)

  private func normalised(_ name: String = "normalised") throws -> Network {
    try Network(name, input: .mnist, seed: 2) {
      Convolve(4, kernel: 5, stride: 3, bias: .absent).named("first")
      BatchNorm().named("second")
      ReLU()
      GlobalAveragePooling()
      Linear(10).named("last")
    }
  }

  private func recipe(_ change: (inout Recipe) throws -> Void) rethrows -> Recipe {
    var recipe = Recipe(
      epochs: 4, batchSize: 16, optimizer: SGD(momentum: 0.9), schedule: .constant(rate: 0.05),
      seed: 3)
    try change(&recipe)
    return recipe
  }

  private func train(
    _ network: Network, _ recipe: Recipe, on data: Dataset
  ) async throws -> [TrainingState] {
    var kept: [TrainingState] = []
    _ = try await Trainer(recipe).train(
      TrainingState(network, recipe: recipe), on: data, onEpoch: { kept.append($0) })
    return kept
  }

  @Test("an equal average is the mean of the epochs from its first on")
  func equal() async throws {
    let states = try await train(
      normalised(), recipe { $0.average = .equal(from: 1) }, on: data)
    let end = try #require(states.last)
    #expect(
      states[0].lastNetwork.parameters["first.weight"]
        == states[0].network.parameters["first.weight"])
    for name in end.network.trainedNames {
      let parameters = try states.dropFirst().map { try #require($0.network.parameters[name]) }
      let found = try #require(end.trainedNetwork.parameters[name])
      for place in 0..<found.count {
        let mean = parameters.reduce(0) { $0 + Double($1[place]) } / 3
        #expect(abs(Double(found[place]) - mean) < 1e-6, "\(name) \(place)")
      }
    }
  }

  @Test("an exponential average without memory is the parameters themselves")
  func exponential() async throws {
    let plain = try await train(normalised(), recipe { _ in }, on: data)
    let averaged = try await train(
      normalised(), recipe { $0.average = .exponential(decay: 0) }, on: data)
    let slow = try await train(
      normalised(), recipe { $0.average = .exponential(decay: 0.9) }, on: data)
    let (end, own) = (try #require(averaged.last), try #require(plain.last))
    // The average does not touch the training.
    #expect(end.network.parameters == own.network.parameters)
    #expect(try #require(slow.last).network.parameters == own.network.parameters)
    for name in own.network.trainedNames {
      #expect(end.trainedNetwork.parameters[name] == own.network.parameters[name])
    }
    #expect(
      try #require(slow.last).trainedNetwork.parameters["last.weight"]
        != own.network.parameters["last.weight"])
  }

  @Test("an average's statistics are the mean over the batches of what they measure")
  func statistics() async throws {
    let states = try await train(
      normalised(), recipe { $0.average = .exponential(decay: 0.5) }, on: data)
    let network = try #require(states.last).trainedNetwork
    let training = try network.graph.normalizingBatches()
    var sums: [String: [Double]] = [:]
    for start in stride(from: 0, to: 48, by: 16) {
      let found = try Interpreter(training.graph)(
        [Network.inputName: try data.inputs(at: start..<start + 16).converted()],
        parameters: network.parameters.mapValues { $0.converted() as Tensor<Double> })
      for statistics in training.statistics {
        let count = Double(statistics.countPerExample * 16)
        for (name, factor) in [(statistics.mean, 1), (statistics.variance, count / (count - 1))] {
          let batch = try #require(found[Graph.batchName(name)]).scalars
          let sum = sums[name] ?? batch.map { _ in 0 }
          sums[name] = zip(sum, batch).map { $0 + factor * $1 / 3 }
        }
      }
    }
    #expect(Set(sums.keys) == network.statisticNames)
    for (name, expected) in sums {
      let found = try #require(network.parameters[name]).scalars
      for (found, expected) in zip(found, expected) {
        #expect(abs(Double(found) - expected) < 1e-6, "\(name)")
      }
    }
    // The parameters in training have others.
    let own = try #require(states.last).network.parameters
    #expect(network.statisticNames.allSatisfy { own[$0] != network.parameters[$0] })
  }

  @Test(
    "what is frozen does not move, nor do its statistics, and its normalisation is that of evaluation"
  )
  func frozen() async throws {
    let start = try normalised()
    let end = try #require(
      try await train(start, recipe { $0.frozen = ["first", "second"] }, on: data).last)
    for (name, tensor) in end.network.parameters {
      #expect((tensor == start.parameters[name]) == !name.hasPrefix("last"), "\(name)")
    }
    // The first loss is that of the network in the form of evaluation.
    let one = try #require(
      try await train(
        start,
        recipe {
          $0.frozen = ["first", "second"]
          $0.epochs = 1
          $0.batchSize = 48
        }, on: data
      ).last)
    let logits = try await CompiledNetwork(start).outputs(of: try data.inputs(at: 0..<48))
    var expected = 0.0
    for (row, label) in data.labels.enumerated() {
      let scores = logits.row(row).scalars.map(Double.init)
      expected += Double.log(scores.reduce(0) { $0 + Double.exp($1) }) - scores[label]
    }
    #expect(abs(one.epochs[0].loss - expected / 48) < 1e-5)
  }

  @Test func aNameThatFreezesNothingIsRefused() async throws {
    let network = try normalised()
    for (names, words) in [
      (
        ["frist"],
        "there is no layer or parameter 'frist' to freeze; there are first.weight, second.weight, second.bias, "
          + "second.running_mean, second.running_var, last.weight, last.bias"
      ), (["first", "second", "last"], "every layer is frozen; expected one to train"),
    ] {
      let recipe = recipe { $0.frozen = names }
      let error = await #expect(throws: TrainingError.self) {
        try await Trainer(recipe).train(TrainingState(network, recipe: recipe), on: data)
      }
      #expect(error?.description == words)
    }
  }

  @Test("the loss of mixtures is the mixture of the two classes' losses")
  func mixtures() async throws {
    let network = try Digits.network()
    let recipe = try recipe {
      $0.augmentations = try Augmentations("mixup:0.7")
      $0.epochs = 1
      $0.batchSize = 48
    }
    let end = try #require(try await train(network, recipe, on: data).last)
    var generator = RandomKey(seed: 3).child("shuffle").child(0).generator
    let order = generator.permutation(of: 48)
    let mixing = try #require(
      recipe.augmentations.mixing(of: order, seed: 3, epoch: 0))
    var values = try order.flatMap { try data.image(at: $0).scalars }
    values.withUnsafeMutableBufferPointer { mixing.apply(to: $0, size: 784) }
    let logits = try await CompiledNetwork(network).outputs(
      of: Tensor(values, shape: [48, 1, 28, 28]))
    var expected = 0.0
    for row in 0..<48 {
      let scores = logits.row(row).scalars.map(Double.init)
      let total = Double.log(scores.reduce(0) { $0 + Double.exp($1) })
      let share = Double(mixing.shares[row])
      let partner = data.labels[order[mixing.partners[row]]]
      expected += total - share * scores[data.labels[order[row]]] - (1 - share) * scores[partner]
    }
    #expect(abs(end.epochs[0].loss - expected / 48) < 1e-5)
    #expect(mixing.shares.contains { $0 > 0.05 && $0 < 0.95 })
  }

  @Test func augmentationsThatDoNotFitAreRefused() async throws {
    let recipe = try recipe { $0.augmentations = try Augmentations("crop:40") }
    let network = try Digits.network()
    await #expect(throws: TrainingError.self) {
      try await Trainer(recipe).train(TrainingState(network, recipe: recipe), on: data)
    }
  }
}
