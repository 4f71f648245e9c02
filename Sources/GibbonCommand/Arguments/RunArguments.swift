import ArgumentParser
import Studies
import Training

/// What every run on a network has.
struct RunArguments: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: "Determines all random choices.",
    transform: Parse.seed)
  var seed: UInt64 = 0

  @Option(
    parsing: .unconditional,
    help: "How many examples the network sees at once; the results do not depend on it.",
    transform: Parse.integer)
  var batch = 128

  mutating func validate() throws {
    try Parse.check { try StudyError.check(batch: batch) }
  }
}

/// How networks are computed.
struct EngineArguments: ParsableArguments {
  @Flag(help: "Compute convolutions directly only, which is slower.")
  var exact = false

  @Option(
    parsing: .unconditional,
    help: "How many threads to use; one per processor by default.",
    transform: Parse.integer)
  var threads: Int?

  @Option(
    help: "Compute each layer as this earlier result (--json) says, so that it repeats bit for bit."
  )
  var algorithms: String?

  mutating func validate() throws { try Parse.check { try settings.check() } }

  /// What was given.
  var settings: EngineSettings {
    var settings = EngineSettings()
    settings.exact = exact
    settings.threads = threads
    settings.algorithms = algorithms
    return settings
  }
}

/// How to train.
struct RecipeArguments: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: "Number of passes over the data.",
    transform: Parse.integer)
  var epochs = 10

  @Option(
    parsing: .unconditional,
    help: "Number of examples per step.",
    transform: Parse.integer)
  var batch = 100

  @Option(
    help:
      "What is trained on, such as trades:beta=6; by default adversarial with --threat, else plain. See above.",
    completion: .list(MethodCatalogue.rows.map(\.name)))
  var method: String?

  @Option(
    parsing: .unconditional,
    help: "Relative size of adversarial weight perturbations, such as 0.005; none by default.",
    transform: Parse.number)
  var weightPerturbation = 0.0

  @Option(
    parsing: .unconditional,
    help: "Share of the target that is spread over all classes.",
    transform: Parse.number)
  var labelSmoothing = 0.0

  @Option(
    parsing: .unconditional,
    help: "The L2 norm to which a larger gradient is scaled down; none by default.",
    transform: Parse.number)
  var gradientNorm: Double?

  @Option(
    help: "How parameters follow their gradients: adam, adamw or sgd.",
    completion: .list(["adam", "adamw", "sgd"]))
  var optimizer = "adam"

  @Option(
    parsing: .unconditional,
    help: "The largest learning rate; 0.005 for adam and 0.05 for sgd by default.",
    transform: Parse.number)
  var rate: Double?

  @Option(
    help: "The rate over time: constant, steps, cyclic or cosine.",
    completion: .list(["constant", "steps", "cyclic", "cosine"]))
  var schedule = "cyclic"

  @Option(
    parsing: .unconditional,
    help: "Share of the training at which a cyclic rate is largest (default: 0.4).",
    transform: Parse.number)
  var peak: Double?

  @Option(
    help:
      "Shares of the training, joined by commas, after which a stepped rate is divided by 10 (default: 0.5,0.75)."
  )
  var drops: String?

  @Option(
    parsing: .unconditional,
    help: "Momentum of sgd; 0.9 by default.",
    transform: Parse.number)
  var momentum: Double?

  @Option(
    parsing: .unconditional,
    help: "Weight decay.",
    transform: Parse.number)
  var weightDecay = 0.0

  @Option(
    parsing: .unconditional,
    help: "Determines the first parameters, the order of the examples and all other chance.",
    transform: Parse.seed)
  var seed: UInt64 = 0

  mutating func validate() throws { try Parse.check { try settings.check() } }

  /// What was given.
  var settings: RecipeSettings {
    var settings = RecipeSettings()
    settings.epochs = epochs
    settings.batch = batch
    settings.method = method
    settings.weightPerturbation = weightPerturbation
    settings.labelSmoothing = labelSmoothing
    settings.gradientNorm = gradientNorm
    settings.optimizer = optimizer
    settings.rate = rate
    settings.schedule = schedule
    settings.peak = peak
    settings.drops = drops
    settings.momentum = momentum
    settings.weightDecay = weightDecay
    settings.seed = seed
    return settings
  }
}
