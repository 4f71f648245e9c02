import Datasets
import Engine
import Networks
import Optimizers
import Reports
import Tensors
import Training

/// Small networks for pictures of any size.
enum PlainForm: String, CaseIterable {
  /// Two hidden layers of 64 units.
  case perceptron
  /// Two strided convolutions of 8 and 16 channels and a hidden layer of 32 units.
  case convolutional

  /// A network with fresh parameters.
  private func network(_ shape: Shape, classNames: [String], seed: UInt64) throws -> Network {
    let input = InputDescription(shape: shape, classNames: classNames)
    return switch self {
    case .perceptron:
      try Network(rawValue, input: input, seed: seed) {
        Flatten()
        Linear(64)
        ReLU()
        Linear(64)
        ReLU()
        Linear(classNames.count)
      }
    case .convolutional:
      try Network(rawValue, input: input, seed: seed) {
        Convolve(8, kernel: 4, stride: 2, padding: 1)
        ReLU()
        Convolve(16, kernel: 4, stride: 2, padding: 1)
        ReLU()
        Flatten()
        Linear(32)
        ReLU()
        Linear(classNames.count)
      }
    }
  }

  /// A network trained by Adam with a rate of 0.002 that falls to zero.
  func trained(
    on data: Dataset, epochs: Int, seed: UInt64, _ algorithms: Algorithms.Policy,
    named name: String,
    telling observer: Observer
  ) async throws -> Network {
    let recipe = Recipe(
      epochs: epochs, optimizer: Adam(), schedule: .cosine(rate: 0.002), seed: seed)
    let start = try network(data.exampleShape, classNames: data.classNames, seed: seed)
    let total = recipe.stepsPerEpoch(examples: data.count) * epochs
    let stage = observer.begin("training the \(name): step", of: total, "")
    defer { stage.finish() }
    let end = try await Trainer(recipe, algorithms: algorithms).train(
      TrainingState(start, recipe: recipe), on: data,
      onStep: { step in
        stage.show(step.step, detail: "loss \(Format.fixed(step.loss, decimals: 4))")
      })
    try Task.checkCancellation()
    return end.trainedNetwork
  }
}
