import ArgumentParser
import Datasets
import Studies
import Training

// How to train. What is not given is left to the recipe, if there is one, and else to the standard.

/// What most trainings say.
struct CommonArguments: ParsableArguments {
  /// The heading in help texts.
  static let title: String = "Most used"

  @Option(
    help:
      "The file to write: .safetensors, .onnx, .pt, .pth or .npz; safetensors without an ending."
  )
  var output: String

  @Option(
    help: ArgumentHelp(
      "A built-in recipe (`gibbon info --recipes` lists them) or a file in YAML; options beside it override it.",
      valueName: "recipe"),
    completion: Completions.recipes)
  var recipe: String?

  @Option(
    help: ArgumentHelp(
      "The examples: \(DataReference.forms.joined(separator: ", ")) (default: mnist:train)."),
    completion: Completions.data)
  var data: String?

  @Option(
    parsing: .unconditional,
    help: "Train on this many examples only, from the first on.",
    transform: Parse.integer)
  var count: Int?

  @Option(
    help: "Examples to classify after each epoch, such as mnist:test.",
    completion: Completions.data)
  var validation: String?

  @Option(
    help: "What an adversary may change: linf:0.3, linf:8/255 or l2:1.5.",
    completion: Completions.threats)
  var threat: String?

  @Option(help: "The adversary; pgd by default.", completion: Completions.attacks)
  var attack: String?

  @Option(
    parsing: .unconditional,
    help: "Number of passes over the data (default: 10).",
    transform: Parse.integer)
  var epochs: Int?

  @Option(
    parsing: .unconditional,
    help: "Number of examples per step (default: 100).",
    transform: Parse.integer)
  var batch: Int?

  @Option(
    help:
      "What is trained on, such as trades:beta=6; by default adversarial with --threat, else plain. See above.",
    completion: .list(MethodCatalogue.rows.map(\.name)))
  var method: String?

  @Option(
    help: ArgumentHelp(
      "Random changes of the examples, joined by commas: "
        + Augmentations.help.map(\.form).joined(separator: ", ") + ".",
      valueName: "changes"))
  var augment: String?

  @Option(
    parsing: .unconditional,
    help: "The largest learning rate; 0.005 for adam and 0.05 for sgd by default.",
    transform: Parse.number)
  var rate: Double?

  @Option(
    parsing: .unconditional,
    help:
      "Determines the first parameters, the order of the examples and all other chance (default: 0).",
    transform: Parse.seed)
  var seed: UInt64?

  @Option(
    help: "Begin with the parameters of this network: a built-in one or a file.",
    completion: Completions.models)
  var from: String?

  @Flag(help: "Go on from the unfinished training in the output file.")
  var resume = false

  /// Writes what was given into settings.
  func apply(to settings: inout RecipeSettings) {
    epochs.map { settings.epochs = $0 }
    batch.map { settings.batch = $0 }
    method.map { settings.method = $0 }
    augment.map { settings.augment = $0 }
    rate.map { settings.rate = $0 }
    seed.map { settings.seed = $0 }
  }
}

/// How parameters follow their gradients.
struct OptimizerArguments: ParsableArguments {
  /// The heading in help texts.
  static let title: String = "Optimiser and rate"

  @Option(
    help: "How parameters follow their gradients: adam (default), adamw or sgd.",
    completion: .list(RecipeSettings.optimizers))
  var optimizer: String?

  @Option(
    help: "The rate over time: constant, steps, cyclic (default), cosine or linear.",
    completion: .list(RecipeSettings.schedules))
  var schedule: String?

  @Option(
    parsing: .unconditional,
    help: "Share of the training at which a cyclic rate is largest (default: 0.4).",
    transform: Parse.number)
  var peak: Double?

  @Option(
    help:
      "Shares of the training, joined by commas, after which a stepped rate drops (default: 0.5,0.75)."
  )
  var drops: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("What it is multiplied by then (default: 0.1).", valueName: "factor"),
    transform: Parse.number)
  var dropFactor: Double?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("The rate that a cosine ends at (default: 0).", valueName: "rate"),
    transform: Parse.number)
  var floor: Double?

  @Option(
    help: ArgumentHelp(
      "What a linear rate goes through: shares of the training and of the rate, such as 0:0,0.4:1,1:0.",
      valueName: "share:share,..."))
  var points: String?

  @Option(
    help: ArgumentHelp(
      "The first part of the training, over which the rate rises: a share below 1 or a number of steps.",
      valueName: "part"))
  var warmUp: String?

  @Option(
    parsing: .unconditional,
    help: "Momentum of sgd (default: 0.9).",
    transform: Parse.number)
  var momentum: Double?

  @Option(
    parsing: .unconditional,
    help: "Weight decay (default: 0).",
    transform: Parse.number)
  var weightDecay: Double?

  @Flag(
    inversion: .prefixedNo,
    help: "Whether biases and normalisations decay as well (default: --decay-vectors).")
  var decayVectors: Bool?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "The L2 norm to which a larger gradient is scaled down; none by default.", valueName: "norm"),
    transform: Parse.number)
  var gradientNorm: Double?

  @Option(
    help: ArgumentHelp(
      "Take the average of the parameters: ema:0.999 of all steps, swa:0.75 of the epochs from this share on.",
      valueName: "average"))
  var average: String?

  /// Writes what was given into settings.
  func apply(to settings: inout RecipeSettings) {
    optimizer.map { settings.optimizer = $0 }
    schedule.map { settings.schedule = $0 }
    peak.map { settings.peak = $0 }
    drops.map { settings.drops = $0 }
    dropFactor.map { settings.dropFactor = $0 }
    floor.map { settings.floor = $0 }
    points.map { settings.points = $0 }
    warmUp.map { settings.warmUp = $0 }
    momentum.map { settings.momentum = $0 }
    weightDecay.map { settings.weightDecay = $0 }
    decayVectors.map { settings.decayVectors = $0 }
    gradientNorm.map { settings.gradientNorm = $0 }
    average.map { settings.average = $0 }
    // A schedule of another kind takes nothing over from that of the recipe.
    guard let schedule else { return }
    if schedule != "cyclic", peak == nil { settings.peak = nil }
    if schedule != "steps" {
      if drops == nil { settings.drops = nil }
      if dropFactor == nil { settings.dropFactor = nil }
    }
    if schedule != "cosine", floor == nil { settings.floor = nil }
    if schedule != "linear", points == nil { settings.points = nil }
  }
}

/// What is minimised besides, and of what.
struct LossArguments: ParsableArguments {
  /// The heading in help texts.
  static let title: String = "Loss and layers"

  @Option(
    parsing: .unconditional,
    help: "Share of the target that is spread over all classes (default: 0).",
    transform: Parse.number)
  var labelSmoothing: Double?

  @Option(
    help: ArgumentHelp(
      "Weights of the classes: balanced (the rarer, the heavier), or numbers joined by commas.",
      valueName: "weights"))
  var classWeights: String?

  @Option(
    parsing: .unconditional,
    help: "Relative size of adversarial weight perturbations, such as 0.005 (default: 0).",
    transform: Parse.number)
  var weightPerturbation: Double?

  @Option(
    help: ArgumentHelp(
      "Layers or parameters that are not trained, joined by commas, such as conv1,layer1.",
      valueName: "names"))
  var freeze: String?

  /// Writes what was given into settings.
  func apply(to settings: inout RecipeSettings) {
    labelSmoothing.map { settings.labelSmoothing = $0 }
    classWeights.map { settings.classWeights = $0 }
    weightPerturbation.map { settings.weightPerturbation = $0 }
    freeze.map { settings.freeze = $0 }
  }
}

/// Which epoch is taken, and when training ends.
struct SelectionArguments: ParsableArguments {
  /// The heading in help texts.
  static let title: String = "Selection and end"

  @Option(
    help: ArgumentHelp(
      "The part of the training set that selects the best epoch: a share, a number or none; 0.05 by default with a threat.",
      valueName: "part"))
  var heldOut: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "How many examples of it are attacked after each epoch (default: 500).", valueName: "number"),
    transform: Parse.integer)
  var attacked: Int?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("End after so many epochs without a better one.", valueName: "epochs"),
    transform: Parse.integer)
  var patience: Int?

  @Option(help: "End after this time with what there is, such as 30m or 2h.")
  var time: String?

  @Option(
    help: ArgumentHelp(
      "What to do where training against a weak attack collapses: stop (default), rewind or continue.",
      valueName: "reaction"),
    completion: .list(RecipeSettings.reactions))
  var onCollapse: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Keep the networks of so many last epochs in files of their own (default: 0).",
      valueName: "number"),
    transform: Parse.integer)
  var keep: Int?

  /// Writes what was given into settings.
  func apply(to settings: inout RecipeSettings) {
    heldOut.map { settings.heldOut = $0 }
    attacked.map { settings.attacked = $0 }
    patience.map { settings.patience = $0 }
    time.map { settings.time = $0 }
    onCollapse.map { settings.onCollapse = $0 }
    keep.map { settings.keep = $0 }
  }
}

/// Where the course of a training is written.
struct CourseArguments: ParsableArguments {
  /// The heading in help texts.
  static let title: String = "Course"

  @Flag(
    help:
      "Instead of training, try rising learning rates on a copy of the network, and say which to use; nothing is written."
  )
  var findRate = false

  @Option(help: "Write the course of the training as JSON to this file, at its end.")
  var json: String?

  @Option(
    help: ArgumentHelp(
      "Add what is measured to this file, a line of JSON each time.", valueName: "file"))
  var metrics: String?

  @Option(
    help: ArgumentHelp("Add the same as TensorBoard's events to this folder.", valueName: "folder"))
  var tensorboard: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "After how many steps, besides after each epoch (default: 100).", valueName: "steps"),
    transform: Parse.integer)
  var metricsEvery: Int?
}
