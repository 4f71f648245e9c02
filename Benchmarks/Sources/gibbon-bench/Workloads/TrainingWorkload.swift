import Attacks
import Datasets
import Engine
import Graphs
import Models
import Networks
import Optimizers
import Robustness
import Tensors
import Training

/// Training steps as users run them: by the trainer, with its checks, its optimiser and its adversary.
struct TrainingWorkload: Workload {
  private let inputs: Inputs
  private let adversary: Adversary?
  private let startsAtExample: Bool

  static let rate = 0.01
  static let optimizer = SGD(momentum: 0.9)

  /// Whom the network is trained against.
  enum Adversary: Equatable {
    /// FGSM from a random start, as Wong et al. train.
    case fgsm
    /// So many steps of PGD from a random start.
    case pgd(steps: Int)
    /// TRADES, with its ten steps up the divergence.
    case trades
    /// Interval bounds, of which no attack is part.
    case intervals

    /// The gradients that it takes.
    var passes: Int {
      switch self {
      case .fgsm: 1
      case .pgd(let steps): steps
      case .trades: 10
      case .intervals: 0
      }
    }

    /// Reads `fgsm`, `pgd7`, `trades` or `ibp`.
    init?(_ text: some StringProtocol) {
      switch text {
      case "fgsm": self = .fgsm
      case "trades": self = .trades
      case "ibp": self = .intervals
      default:
        guard text.hasPrefix("pgd"), let steps = Int(text.dropFirst(3)), steps > 0 else {
          return nil
        }
        self = .pgd(steps: steps)
      }
    }
  }

  /// Prepares the work; without an adversary on the images themselves.
  ///
  /// - Parameters:
  ///   - inputs: What all contestants are given.
  ///   - adversary: Whom the network is trained against.
  ///   - startsAtExample: Whether PGD begins at the example, so that all contestants find the same.
  init(_ inputs: Inputs, against adversary: Adversary? = nil, startsAtExample: Bool = false) {
    self.inputs = inputs
    self.adversary = adversary
    self.startsAtExample = startsAtExample
  }

  /// The images so often that an epoch has a given number of steps.
  private func data(steps: Int) -> Dataset {
    let images = Tensor.stacking(inputs.images).scalars
    return Dataset(
      name: "benchmark", exampleShape: inputs.network.input.shape,
      values: (0..<steps).flatMap { _ in images },
      labels: (0..<steps).flatMap { _ in inputs.labels },
      classNames: (0..<inputs.network.outputCount).map(String.init), bounds: 0...1)
  }

  /// The seconds of one step of an epoch.
  func seconds(perStepOf steps: Int) async throws -> Double {
    var watch: Stopwatch?
    var seconds = 0.0
    // Training begins with compilation, which is no part of a step; the first step warms up.
    _ = try await train(steps: steps + 1) {
      if let watch { seconds = watch.seconds } else { watch = Stopwatch() }
    }
    return seconds / Double(steps)
  }

  /// The loss of one step, and how it changed the weight that its gradient reached last.
  func results() async throws -> [String: Tensor<Float>] {
    let state = try await train(steps: 1) {}
    let name = inputs.network.parameterNames[0]
    guard let before = inputs.network.parameters[name], let after = state.network.parameters[name]
    else { preconditionFailure("a network has its own first parameter") }
    let loss = Tensor([Float(state.epochs[0].loss)], shape: [1])
    // The start of TRADES is random, so that gradients agree with nobody's.
    if adversary == .trades { return ["loss-reached": loss] }
    return ["loss": loss, "change": after - before]
  }

  private func train(steps: Int, onStep: () -> Void) async throws -> TrainingState {
    let recipe = Recipe(
      epochs: 1, batchSize: inputs.images.count, optimizer: Self.optimizer,
      schedule: .constant(rate: Self.rate), method: try method())
    return try await Trainer(recipe).train(
      TrainingState(inputs.network, recipe: recipe), on: data(steps: steps),
      onStep: { _ in onStep() })
  }

  private func method() throws -> any TrainingMethod {
    guard let adversary else { return PlainTraining() }
    let threat = try Ball(.infinity, radius: inputs.radius)
    func against(_ attack: any Attack) -> Recipe.Adversary {
      Recipe.Adversary(attack, threat: threat, description: "benchmark")
    }
    switch adversary {
    case .fgsm: return AdversarialTraining(against(FGSM { $0.randomStart = true }))
    case .pgd(let steps):
      return AdversarialTraining(
        against(
          PGD {
            $0.steps = steps
            $0.stepSize = inputs.stepSize
            $0.randomStart = !startsAtExample
          }))
    case .trades:
      return TRADES(
        against(
          TrainingAscent(
            .divergence, steps: adversary.passes, stepSize: inputs.stepSize)))
    case .intervals:
      // The box is whole from the first step on, and nothing beside the bounds is minimised.
      var method = IntervalTraining(threat, words: "benchmark")
      (method.warmUp, method.ramp, method.penalty) = (0, 0, 0)
      return method
    }
  }
}

/// What the engine does in the steps of `TrainingWorkload`, and nothing else: the adversary's passes, the loss with its
/// gradients and the descent, one after the other on the engine thread.
struct TrainingEngineWorkload: Workload {
  private let inputs: Inputs
  private let passes: Int
  private let model: CompiledNetwork
  private let loss: LossPlan
  private let descent: Descent

  /// Prepares the engine's part of steps against an adversary.
  init(_ inputs: Inputs, against adversary: TrainingWorkload.Adversary) throws {
    self.inputs = inputs
    passes = adversary.passes
    model = try CompiledNetwork(inputs.network, isFrozen: false)
    model.expect(rows: inputs.images.count)
    var builder = GraphBuilder(continuing: inputs.network.graph)
    let scores = try inputs.network.graph.output(Network.outputName)
    let labels = builder.input("labels", [Extents.batch])
    builder.output("loss", try builder.apply(CrossEntropy(), scores, labels))
    loss = try LossPlan(
      builder.finish(), loss: "loss", withRespectTo: inputs.network.trainedNames,
      parameters: model.parameters, batch: inputs.images.count, algorithms: model.algorithms)
    descent = Descent(
      TrainingWorkload.optimizer, store: model.parameters, names: inputs.network.trainedNames)
  }

  /// The seconds of the engine's part of a step.
  func seconds(perStepOf steps: Int) async throws -> Double {
    let rows = Tensor.stacking(inputs.images).scalars
    let labels = inputs.labels.map { Float($0) }
    let (model, loss, descent, passes) = (model, loss, descent, passes)
    return try await EngineThread.shared.run {
      var outputs = [Float](repeating: 0, count: labels.count * model.outputCount)
      var gradients = [Float](repeating: 0, count: rows.count)
      func step(_ number: Int) throws {
        for _ in 0..<passes {
          try rows.withUnsafeBufferPointer { rows in
            try outputs.withUnsafeMutableBufferPointer { outputs in
              try gradients.withUnsafeMutableBufferPointer { gradients in
                try model.differentiate(
                  rows, count: labels.count, outputs: outputs, gradients: gradients
                ) { _, cotangents in cotangents.update(repeating: 0.1) }
              }
            }
          }
        }
        _ = try loss.total(rows: labels.count) { input in
          _ = input(Network.inputName).update(fromContentsOf: rows)
          _ = input("labels").update(fromContentsOf: labels)
        }
        _ = descent.step(along: { loss.gradient($0) }, rate: TrainingWorkload.rate, step: number)
        _ = try loss.followStatistics()
      }
      try step(0)
      let watch = Stopwatch()
      for number in 0..<steps { try step(number + 1) }
      return watch.seconds / Double(steps)
    }
  }

  /// Nothing that others compute as well.
  func results() -> [String: Tensor<Float>] { [:] }
}
