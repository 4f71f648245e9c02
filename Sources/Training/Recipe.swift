public import Networks
public import Optimizers
public import Robustness
import Tensors

/// How a network is trained: everything that, with the data and the first parameters, determines the result.
public struct Recipe: Sendable {
  /// Number of passes over the data.
  public var epochs: Int
  /// Number of examples per step.
  public var batchSize: Int
  /// How parameters follow their gradients, at rest.
  public var optimizer: any Optimizer
  /// The learning rate over the course of training.
  public var schedule: Schedule
  /// Determines the order of the examples and all other chance.
  public var seed: UInt64
  /// What is made of a batch, and the loss that is minimised on it.
  public var method: any TrainingMethod
  /// How labels enter the cross-entropy.
  public var entropy = EntropySettings()
  /// The L2 norm to which a larger gradient is scaled down; `nil` for none.
  public var largestGradientNorm: Double?
  /// Whether weight decay is also for biases and for the scales and shifts of normalisations.
  public var decaysVectors = true
  /// Random changes of the examples, before the method sees them.
  public var augmentations = Augmentations.none
  /// How parameters are averaged over the training; `nil` for the parameters themselves.
  ///
  /// The average is the result, with statistics of its own. An exponential one takes in every step, an equal one every
  /// epoch from a number on.
  public var average: WeightAverage.Rule?
  /// Parameters that are not trained, by their names or the beginnings of these up to a dot.
  public var frozen: [String] = []
  /// What to do when training against a weak attack collapses; collapses are seen where one step and several are measured.
  public var reaction = CollapseReaction.stop
  /// After how many epochs in succession without a better one training ends; `nil` for never.
  public var patience: Int?

  /// An attack that replaces each example by the worst it finds.
  public struct Adversary: Sendable {
    /// The attack; it runs without early exit.
    public var attack: any Attack
    /// What it may change.
    public var threat: any ThreatModel
    /// The attack, its settings and the threat in words, which name the recipe.
    public var description: String

    /// Creates an adversary.
    public init(_ attack: any Attack, threat: any ThreatModel, description: String) {
      self.attack = attack
      self.threat = threat
      self.description = description
    }
  }

  /// Creates a recipe.
  ///
  /// - Precondition: `epochs` and `batchSize` are at least 1.
  public init(
    epochs: Int, batchSize: Int = 128, optimizer: any Optimizer, schedule: Schedule,
    seed: UInt64 = 0, method: any TrainingMethod = PlainTraining()
  ) {
    precondition(epochs >= 1 && batchSize >= 1, "a recipe needs an epoch and a batch")
    self.epochs = epochs
    self.batchSize = batchSize
    self.optimizer = optimizer
    self.schedule = schedule
    self.seed = seed
    self.method = method
  }

  /// Creates a recipe of adversarial training, or of plain training without an adversary.
  ///
  /// - Precondition: `epochs` and `batchSize` are at least 1.
  public init(
    epochs: Int, batchSize: Int = 128, optimizer: any Optimizer, schedule: Schedule,
    seed: UInt64 = 0, adversary: Adversary?
  ) {
    self.init(
      epochs: epochs, batchSize: batchSize, optimizer: optimizer, schedule: schedule, seed: seed,
      method: adversary.map { AdversarialTraining($0) } ?? PlainTraining())
  }

  /// The recipe on one line; equal lines give equal networks on one machine.
  public var description: String {
    "\(epochs) epochs of batches of \(batchSize), \(optimizer.description), rate \(schedule), seed \(seed), "
      + method.description + refinements.map { ", " + $0 }.joined()
  }

  /// What differs from the plainest recipe, in words.
  private var refinements: [String] {
    var words = entropy.words
    if let largestGradientNorm { words.append("gradients clipped to \(largestGradientNorm)") }
    if !decaysVectors { words.append("weight decay on weights only") }
    if !augmentations.isEmpty { words.append("augmentations \(augmentations)") }
    if let average { words.append("\(average)") }
    if !frozen.isEmpty { words.append("frozen \(frozen.joined(separator: " "))") }
    if reaction != .stop { words.append("on collapse \(reaction.rawValue)") }
    if let patience { words.append("patience \(patience)") }
    return words
  }

  /// The parameters of a network that are trained.
  ///
  /// - Throws: `TrainingError.frozen` for a name of `frozen` that no parameter has, or if nothing is left to train.
  func trainedNames(of network: Network) throws(TrainingError) -> [String] {
    let names = network.parameterNames
    for name in frozen where !names.contains(where: { Recipe.name($0, isIn: name) }) {
      throw .frozen(name, known: names)
    }
    let trained = network.trainedNames.filter { !isFrozen($0) }
    if trained.isEmpty { throw .frozen(nil, known: names) }
    return trained
  }

  /// Whether a parameter is not trained.
  func isFrozen(_ name: String) -> Bool { frozen.contains { Recipe.name(name, isIn: $0) } }

  private static func name(_ name: String, isIn group: String) -> Bool {
    name == group || name.hasPrefix(group + ".")
  }

  /// A network of a form to train from scratch, as the seed and the method begin.
  ///
  /// - Throws: `GraphError` if the form is inconsistent, which tests exclude for all known ones.
  public func network(of architecture: Architecture) throws -> Network {
    var network = try architecture.network(seed: seed)
    let weights = method.firstWeights(
      of: network.graph, from: RandomKey(seed: seed).child("parameters"))
    if !weights.isEmpty {
      try network.load(network.parameters.merging(weights) { $1 })
    }
    return network
  }

  /// Number of steps in one pass over the data; a rest smaller than a batch is one more step, and a batch that is
  /// replayed takes as many steps.
  public func stepsPerEpoch(examples: Int) -> Int {
    (examples + batchSize - 1) / batchSize * method.replays
  }

  /// How many examples the first steps of an epoch see, each as often as it is seen.
  func examplesSeen(in steps: Int, of examples: Int) -> Int {
    let (batches, replays) = steps.quotientAndRemainder(dividingBy: method.replays)
    let before = min(batches * batchSize, examples)
    return before * method.replays + replays * min(batchSize, examples - before)
  }
}

/// How labels enter the cross-entropy.
public struct EntropySettings: Sendable, Hashable {
  /// The share of the target that is spread evenly over all classes, in [0, 1).
  ///
  /// Szegedy et al., 2016, https://arxiv.org/abs/1512.00567.
  public var labelSmoothing = 0.0
  /// A positive weight for each class; `nil` for equal weights.
  public var classWeights: [Double]?

  /// Labels as they are, all classes alike.
  public init() {}

  /// What differs from that, in words.
  var words: [String] {
    (labelSmoothing > 0 ? ["label smoothing \(labelSmoothing)"] : [])
      + (classWeights.map { ["class weights \($0.map(\.description).joined(separator: " "))"] }
        ?? [])
  }
}
