public import Optimizers
public import Robustness

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
  /// Whom the network is trained against; `nil` for plain training.
  public var adversary: Adversary?

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
    seed: UInt64 = 0, adversary: Adversary? = nil
  ) {
    precondition(epochs >= 1 && batchSize >= 1, "a recipe needs an epoch and a batch")
    self.epochs = epochs
    self.batchSize = batchSize
    self.optimizer = optimizer
    self.schedule = schedule
    self.seed = seed
    self.adversary = adversary
  }

  /// The recipe on one line; equal lines give equal networks on one machine.
  public var description: String {
    "\(epochs) epochs of batches of \(batchSize), \(optimizer.description), rate \(schedule), seed \(seed), "
      + (adversary.map { "against \($0.description)" } ?? "plain")
  }

  /// Number of steps in one pass over the data; a rest smaller than a batch is one more step.
  public func stepsPerEpoch(examples: Int) -> Int { (examples + batchSize - 1) / batchSize }
}
