import Datasets
public import Engine
public import Networks
public import Optimizers
import Tensors

/// Where training stands: enough to go on as if it had never stopped.
public struct TrainingState: Sendable {
  /// The network with its present parameters.
  public internal(set) var network: Network
  /// The optimiser with its memory.
  public internal(set) var optimizer: any Optimizer
  /// Number of steps taken.
  public internal(set) var step: Int
  /// What was seen in each finished epoch.
  public internal(set) var epochs: [EpochRecord]
  /// What was seen so far in the present epoch.
  public internal(set) var current: RunningSum
  /// The examples it is trained on, in words; `nil` before the first step.
  public internal(set) var data: String?
  /// A checksum of the examples; `nil` before the first step.
  var examples: String?

  /// The algorithms that computed the network so far; resuming keeps to them, so that it repeats bit for bit.
  public internal(set) var algorithms: [String: ConvolutionAlgorithm] = [:]

  /// Sums over the examples of a part of an epoch.
  public struct RunningSum: Hashable, Sendable {
    /// Sum of the losses.
    public internal(set) var loss = 0.0
    /// Number of examples classified rightly, as trained on.
    public internal(set) var correct = 0
    /// Number of examples.
    public internal(set) var count = 0
  }

  /// The beginning of a training.
  public init(_ network: Network, recipe: Recipe) {
    self.network = network
    optimizer = recipe.optimizer
    step = 0
    epochs = []
    current = RunningSum()
  }

  /// Whether nothing is left to do.
  public func isFinished(_ recipe: Recipe) -> Bool { epochs.count >= recipe.epochs }

  /// Examples in words that tell them from others.
  static func describe(_ data: Dataset) -> String {
    "\(data.count) examples of \(data.name) from \(data.indices.lowerBound) on"
  }
}

/// What was seen in one epoch.
public struct EpochRecord: Hashable, Sendable {
  /// Mean loss over the examples as they were trained on.
  public let loss: Double
  /// Share classified rightly of the examples as they were trained on.
  public let accuracy: Double
  /// Share of the validation examples classified rightly; `nil` without validation.
  public let validationAccuracy: Double?
  /// Share of them that an attack did not break either; `nil` without one.
  public let robustAccuracy: Double?
}
