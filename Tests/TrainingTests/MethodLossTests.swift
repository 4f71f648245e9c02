import Datasets
import Engine
import Graphs
import Models
import Networks
import Optimizers
import Robustness
import Tensors
import TestSupport
import Testing
import Training

/// Losses of the training methods against their authors' in PyTorch, on one batch with one set of weights.
@Suite struct MethodLossTests {
  private static let ball: Ball = {
    guard let ball = try? Ball(.infinity, radius: 0.2) else {
      preconditionFailure("0.2 is a radius")
    }
    return ball
  }()
  private static let adversary = Recipe.Adversary(
    TrainingAscent(.crossEntropy, steps: 1), threat: ball, description: "an adversary")

  private static let methods:
    [(name: String, method: any TrainingMethod, entropy: EntropySettings)] =
      {
        var smoothed = EntropySettings()
        smoothed.labelSmoothing = 0.125
        var weighted = EntropySettings()
        weighted.classWeights = [1, 2, 0.5, 1, 3]
        let plain = EntropySettings()
        var linear = IntervalTraining(ball, words: "a box")
        linear.usesLinearBounds = true
        var small = SABR(ball, words: "a box")
        small.intervals.magnitudeWeight = 0x1p-10
        var mixed = AdversarialTraining(adversary)
        mixed.naturalWeight = 0.25
        return [
          ("plain", PlainTraining(), plain), ("smoothed", PlainTraining(), smoothed),
          ("weighted", PlainTraining(), weighted),
          ("trades", TRADES(adversary), plain),
          ("mart", MART(adversary), plain),
          ("pairing", LogitPairing(adversary), plain),
          (
            "helper",
            HelperTraining(
              adversary,
              helper: AffineModel(
                inputShape: [1, 8, 8], weights: .zeros([5, 64]), biases: .zeros([5])),
              named: "none"), plain
          ),
          ("gradalign", GradAlign(adversary, lambda: 0.25), plain),
          ("union", UnionOfThreats([adversary, adversary]), plain),
          ("ibp", IntervalTraining(ball, words: "a box"), plain),
          ("crown-ibp", linear, plain), ("sabr", small, plain),
          ("mtl-ibp", MTLIBP(ball, words: "a box"), plain),
          ("n-fgsm", NoisyFGSM(radius: 0.1), plain), ("free", FreeTraining(radius: 0.1), plain),
          ("gaussian", GaussianAugmentation(deviation: 0.25), plain), ("natural", mixed, plain),
        ]
      }()

  /// A committed case.
  private struct Case {
    let tensors: [String: Tensor<Double>]

    init(_ name: String) throws {
      let file = try SafeTensorsFile(path: Fixtures.path("training/\(name).safetensors"))
      var tensors: [String: Tensor<Double>] = [:]
      for name in file.names where !name.hasSuffix(".rest") {
        let (large, small) = (try file.tensor(name), try file.tensor(name + ".rest"))
        tensors[name] = large.converted(to: Double.self).zip(small.converted()) { $0 + $1 }
      }
      self.tensors = tensors
    }

    func group(_ prefix: String) -> [String: Tensor<Double>] {
      Dictionary(
        uniqueKeysWithValues: tensors.filter { $0.key.hasPrefix(prefix + " ") }
          .map { (String($0.key.dropFirst(prefix.count + 1)), $0.value) })
    }
  }

  private static func network(_ parameters: [String: Tensor<Double>]) throws -> Network {
    let input = InputDescription(shape: [1, 8, 8])
    var network =
      parameters.count > 4
      ? try Network("normalized", input: input, seed: 0) {
        Convolve(4, kernel: 3, stride: 2, padding: 1)
        BatchNorm()
        ReLU()
        Flatten()
        Linear(5)
      }
      : try Network("simple", input: input, seed: 0) {
        Convolve(4, kernel: 3, stride: 2, padding: 1)
        ReLU()
        Flatten()
        Linear(5)
      }
    try network.load(parameters.mapValues { $0.converted() })
    return network
  }

  @Test("in double precision within 1e-8, by the engine within 1e-5", arguments: methods.indices)
  func agreesWithPyTorch(index: Int) throws {
    let (name, method, entropy) = Self.methods[index]
    for form in ["simple", "normalized"] {
      let known = try Case("\(name)-\(form)")
      let network = try Self.network(known.group("parameter"))
      var builder = try LossBuilder(network, entropy: entropy)
      let value = try method.loss(in: &builder)
      let graph = builder.finish(value)
      let inputs = known.group("input")
      let expected = known.group("gradient")
      let loss = try #require(known.tensors["loss"])[0]

      let names = network.trainedNames + (method.differentiatedInput.map { [$0] } ?? [])
      let exact = try Interpreter(
        try graph.gradient(ofScalar: LossBuilder.lossName, withRespectTo: names))(
          inputs, parameters: known.group("parameter"))
      #expect(abs(try #require(exact[LossBuilder.lossName])[0] - loss) < 1e-8 * abs(loss))
      let found = try compiled(network, builder, graph, inputs, names)
      #expect(abs(found.loss - loss) < 1e-5 * abs(loss), "\(form)")
      for name in names {
        try agrees(
          try #require(exact[Graph.gradientName(name)]), with: name, of: expected, within: 1e-8,
          "\(name), \(form)")
        try agrees(
          try #require(found.gradients[name]), with: name, of: expected, within: 1e-5,
          "\(name), \(form)")
      }
    }
  }

  private static func magnitude(_ values: Tensor<Double>) -> Double {
    values.scalars.reduce(0) { max($0, abs($1)) }
  }

  private func agrees(
    _ values: Tensor<Double>, with name: String, of gradients: [String: Tensor<Double>],
    within tolerance: Double, _ words: String
  ) throws {
    let expected = try #require(gradients[name])
    // The gradient of a bias before a normalisation is a sum of large terms that cancel.
    let largest = gradients.values.map(Self.magnitude).max() ?? 0
    let size = max(Self.magnitude(expected), largest / 10)
    let difference = values.zip(expected) { abs($0 - $1) }.scalars.max() ?? .infinity
    #expect(difference <= tolerance * max(size, 0.1), "\(words): \(difference) of \(size)")
  }

  private static let wholes: [(name: String, method: any TrainingMethod)] = [
    ("n-fgsm", NoisyFGSM(radius: 0.1, noise: 0)), ("free", FreeTraining(radius: 0.1, replays: 2)),
    ("awp", AdversarialWeightPerturbation(PlainTraining(), gamma: 0.01)),
  ]

  @Test("one batch leads whole methods to where PyTorch gets", arguments: wholes.indices)
  func stepsAgreeWithPyTorch(index: Int) async throws {
    let (name, method) = Self.wholes[index]
    let known = try Case("\(name)-step")
    let network = try Self.network(known.group("parameter"))
    let inputs = known.group("input")
    let data = Dataset(
      name: "noise", exampleShape: [1, 8, 8],
      values: try #require(inputs["x"]).scalars.map { Float($0) },
      labels: try #require(inputs["labels"]).scalars.map { Int($0) },
      classNames: (0..<5).map(String.init), bounds: 0...1)
    let recipe = Recipe(
      epochs: 1, batchSize: 6, optimizer: SGD(momentum: 0), schedule: .constant(rate: 1),
      method: method)
    let end = try await Trainer(recipe).train(TrainingState(network, recipe: recipe), on: data)
    let expected = known.group("gradient")
    for name in network.trainedNames {
      let (before, after) = (network.parameters[name], end.network.parameters[name])
      let change = try #require(before).converted(to: Double.self).zip(
        try #require(after).converted()
      ) { $0 - $1 }
      try agrees(change, with: name, of: expected, within: 1e-5, name)
    }
  }

  private func compiled(
    _ network: Network, _ builder: LossBuilder, _ graph: Graph, _ inputs: [String: Tensor<Double>],
    _ names: [String]
  ) throws -> (loss: Double, gradients: [String: Tensor<Double>]) {
    try EngineThread.shared.sync {
      let store = ParameterStore(network.parameters, isFrozen: false)
      // Room for more examples, where rows beside each other do not matter.
      let plan = try LossPlan(
        graph, loss: LossBuilder.lossName, withRespectTo: names, parameters: store,
        batch: builder.countsAllRows ? nil : 8, labels: builder.classNames,
        measuring: builder.measured)
      let sum = try plan.total(rows: 6) { input in
        for (name, values) in inputs where plan.uses(name) {
          _ = input(name).update(fromContentsOf: values.scalars.map { Float($0) })
        }
      }
      var gradients: [String: Tensor<Double>] = [:]
      for name in names {
        let own = network.parameters[name]?.shape ?? inputs[name]?.shape
        guard let shape = own, let values = plan.gradient(name) else { continue }
        gradients[name] = Tensor<Float>(
          Array(UnsafeBufferPointer(start: values, count: shape.count)), shape: shape
        ).converted()
      }
      return (sum / 6, gradients)
    }
  }
}
