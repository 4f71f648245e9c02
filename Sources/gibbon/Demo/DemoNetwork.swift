import ArgumentParser
import Attacks
import Datasets
import Networks
import Reports
import Robustness
import Training

/// One of the demo's networks and how it was trained.
struct DemoNetwork: Sendable {
  let name: String
  let recipe: Recipe
  let state: TrainingState
  let compiled: CompiledNetwork
  /// The options of `gibbon train` that give the same network.
  let options: [String]

  var network: Network { state.network }
  var epochs: [EpochRecord] { state.epochs }

  /// Trains a network, as `gibbon train` does with the same options.
  ///
  /// - Parameters:
  ///   - name: What to call it.
  ///   - settings: How much to do.
  ///   - epochs: Number of passes over the data.
  ///   - isRobust: Whether to train on attacked images.
  ///   - data: The training images, and the test images on which progress is measured.
  /// - Returns: The network and the course of its training.
  /// - Throws: `CancellationError` if the task is cancelled; what training throws.
  static func train(
    _ name: String, _ settings: DemoSettings, epochs: Int, isRobust: Bool,
    on data: (train: Dataset, test: Dataset)
  ) async throws -> DemoNetwork {
    let start = try Architecture.named(settings.architecture).network(seed: settings.seed)
    let ball = try ThreatReference(settings.threat).ball()
    let basic = ["--epochs", "\(epochs)", "--seed", "\(settings.seed)"]
    var hard: [String] = []
    var adversary: Recipe.Adversary?
    if isRobust {
      let words = ["--random-start", "--step-size", "0.375"]
      hard = ["--threat", settings.threat, "--attack", "fgsm"] + words
      let row = try Catalogue.row(named: "fgsm")
      let chosen = try AttackArguments.parse(words, for: row)
      adversary = Recipe.Adversary(
        try row.attack(chosen), threat: ball,
        description: AttackArguments.describe(row, chosen) + " within \(settings.threat)")
    }
    let part = settings.trainingCount.map { ["--count", "\($0)"] } ?? []
    let recipe = try RecipeArguments.parse(basic).recipe(adversary)
    let check = Recipe.Adversary(
      PGD(steps: 10), threat: ball, description: "pgd with 10 steps within \(settings.threat)")
    let trainer = Trainer(
      recipe,
      validation: .init(data.test, attackedCount: settings.checkedCount, adversary: check))
    let total = recipe.stepsPerEpoch(examples: data.train.count) * epochs
    let line = ProgressLine("training the \(name) network: step", of: total, "")
    let end = try await trainer.train(
      TrainingState(start, recipe: recipe), on: data.train,
      onStep: { step in
        line.show(
          step.step,
          detail: "epoch \(step.epoch), loss \(Format.fixed(step.loss, decimals: 4))")
      })
    line.finish()
    guard end.step >= total else {
      try Task.checkCancellation()
      throw BadArgument(
        "training the \(name) network stopped at step \(end.step) of \(total) because its attack stalled"
      )
    }
    return DemoNetwork(
      name: name, recipe: recipe, state: end, compiled: try CompiledNetwork(end.network),
      options: basic + hard + part)
  }

  /// The file from which the network is read again.
  func file() -> NetworkFile {
    state.file(
      recipe, isFinished: true, history: ["command": ShellWords.ownCommand, "data": "mnist:train"])
  }

  /// The share of test images that the network reads rightly after its training.
  var finalAccuracy: Double { epochs.last?.validationAccuracy ?? .nan }

  /// The command that trains the same network.
  func command(output: String) -> [String] {
    ["gibbon", "train", network.architecture, "--output", output] + options
  }
}
