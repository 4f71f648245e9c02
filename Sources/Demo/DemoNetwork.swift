import Attacks
import Datasets
import Engine
import Networks
import Reports
import Robustness
import Settings
import Studies
import Training

/// One of the demo's networks and how it was trained.
struct DemoNetwork: Sendable {
  let name: String
  let recipe: Recipe
  let state: TrainingState
  let compiled: CompiledNetwork
  /// The options of `gibbon train` that give the same network.
  let options: [String]
  /// The trainings that came before, each beginning with the result of the last.
  let earlier: [DemoNetwork]

  var network: Network { state.network }
  var epochs: [EpochRecord] { earlier.flatMap(\.state.epochs) + state.epochs }

  /// Trains a network, as `gibbon train` does with the same options.
  ///
  /// - Parameters:
  ///   - name: What to call it.
  ///   - settings: How much to do.
  ///   - lesson: How to train.
  ///   - earlier: The network to begin with; a fresh one by default.
  ///   - data: The training images, and the test images on which progress is measured.
  /// - Returns: The network and the course of its training.
  /// - Throws: `CancellationError` if the task is cancelled; what training throws.
  static func train(
    _ name: String, _ settings: DemoSettings, _ lesson: DemoLesson,
    after earlier: DemoNetwork? = nil,
    on data: (train: Dataset, test: Dataset)
  ) async throws -> DemoNetwork {
    var start = try Architecture.named(settings.architecture).network(seed: settings.seed)
    if let earlier { try start.load(earlier.network.parameters) }
    let ball = try ThreatReference(settings.threat).threat()
    let basic =
      ["\(Setting.epochs)", "\(lesson.epochs)", "\(Setting.seed)", "\(settings.seed)"]
      + lesson.pace
    var hard: [String] = []
    var adversary: Recipe.Adversary?
    if let attack = lesson.attack {
      hard =
        ["\(Setting.threat)", settings.threat, "\(Setting.attack)", type(of: attack).name]
        + AttackSettings.words(for: attack)
      adversary = Recipe.Adversary(
        attack, threat: ball,
        description: AttackSettings.describe(attack) + " within \(settings.threat)")
    }
    let part = settings.trainingCount.map { ["\(Setting.count)", "\($0)"] } ?? []
    let recipe = try lesson.recipe(seed: settings.seed).recipe(adversary)
    let check = Recipe.Adversary(
      PGD { $0.steps = 10 }, threat: ball,
      description: "pgd with 10 steps within \(settings.threat)")
    let trainer = Trainer(
      recipe,
      validation: .init(data.test, attackedCount: settings.checkedCount, adversary: check))
    let total = recipe.stepsPerEpoch(examples: data.train.count) * lesson.epochs
    let line = settings.observer.begin("training the \(name) network: step", of: total, "")
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
      throw StudyError(
        "training the \(name) network stopped at step \(end.step) of \(total) because its attack stalled"
      )
    }
    return DemoNetwork(
      name: name, recipe: recipe, state: end, compiled: try CompiledNetwork(end.network),
      options: basic + hard + part,
      earlier: earlier.map { $0.earlier + [$0] } ?? [])
  }

  /// The file from which the network is read again.
  func file(_ settings: DemoSettings) -> NetworkFile {
    state.file(
      recipe, isFinished: true,
      history: ["command": ShellWords.line(settings.command), "data": "mnist:train"])
  }

  /// The share of test images that the network reads rightly after its training.
  var finalAccuracy: Double { epochs.last?.validationAccuracy ?? .nan }

  /// The commands that train the same network, one after the other.
  func commands(output: String) -> [[String]] {
    let start = ["gibbon", "train", network.architecture, "\(Setting.output)", output]
    return (earlier + [self]).enumerated().map { place, network in
      start + (place > 0 ? ["\(Setting.from)", output] : []) + network.options
    }
  }
}

/// How one of the demo's networks is trained, in the words of `gibbon train`.
struct DemoLesson: Sendable {
  /// Number of passes over the data.
  let epochs: Int
  /// The largest learning rate and when it is reached; those of the recipe by default.
  var rate: (largest: Double, peak: Double)?
  /// Whom to train against; nobody by default.
  var attack: (any ConfigurableAttack)?

  /// The options that say the learning rate.
  var pace: [String] {
    rate.map { ["\(Setting.rate)", "\($0.largest)", "\(Setting.peak)", "\($0.peak)"] } ?? []
  }

  /// How to train, but for the adversary.
  func recipe(seed: UInt64) -> RecipeSettings {
    var settings = RecipeSettings()
    settings.epochs = epochs
    settings.seed = seed
    if let rate { (settings.rate, settings.peak) = (rate.largest, rate.peak) }
    return settings
  }

  /// Training on the images as they are.
  static func plain(epochs: Int) -> DemoLesson { DemoLesson(epochs: epochs) }

  /// Wong's fast training: one step from a random start.
  static func fast(epochs: Int) -> DemoLesson {
    DemoLesson(
      epochs: epochs,
      attack: FGSM {
        $0.randomStart = true
        $0.stepSize = 0.375
      })
  }

  /// Madry's training, which knows better where an image is weak: a few steps, at a smaller rate.
  static func polish(epochs: Int) -> DemoLesson {
    DemoLesson(
      epochs: epochs, rate: (0.002, 0.2),
      attack: PGD {
        $0.steps = 5
        $0.stepSize = 0.1
      })
  }
}
