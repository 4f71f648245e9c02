public import Networks
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
