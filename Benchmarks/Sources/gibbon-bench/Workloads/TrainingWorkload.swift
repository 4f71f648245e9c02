import Datasets
import Networks
import Tensors
import Training

/// Training steps as users run them: by the trainer, with its checks and its optimiser.
struct TrainingWorkload: Workload {
  private let inputs: Inputs

  private static let rate = 0.01
  private static let momentum = 0.9

  /// Prepares the work.
  init(_ inputs: Inputs) { self.inputs = inputs }

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
    return [
      "loss": Tensor([Float(state.epochs[0].loss)], shape: [1]), "change": after - before,
    ]
  }

  private func train(steps: Int, onStep: () -> Void) async throws -> TrainingState {
    let recipe = Recipe(
      epochs: 1, batchSize: inputs.images.count,
      optimizer: SGD(momentum: TrainingWorkload.momentum),
      schedule: .constant(rate: TrainingWorkload.rate))
    return try await Trainer(recipe).train(
      TrainingState(inputs.network, recipe: recipe), on: data(steps: steps),
      onStep: { _ in onStep() })
  }
}
