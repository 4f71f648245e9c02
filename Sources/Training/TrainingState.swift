import Datasets
public import Engine
import Files
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
  /// What the method remembers.
  var memory = MethodMemory()
  /// What is averaged of the parameters, as `WeightAverage.state`.
  var average: [String: Tensor<Float>] = [:]
  /// The average with statistics of its own that the last finished epoch came to; `nil` where there is none.
  var averaged: [String: Tensor<Float>]?
  /// The best epoch so far, from 1, by what was measured on the examples held out; `nil` before the first, and where
  /// nothing selects.
  public internal(set) var bestEpoch: Int?
  /// The parameters of the best epoch; `nil` where they are those of the last.
  var best: [String: Tensor<Float>]?
  /// The epochs in which training against a weak attack collapsed.
  public internal(set) var collapses: [Collapse] = []
  /// Why training ended before its last epoch.
  public internal(set) var ending: Ending?
  /// The time that training took so far, measurements included, resumed parts added up.
  public internal(set) var seconds = 0.0
  /// The examples it is trained on, in words; `nil` before the first step.
  public internal(set) var data: String?
  /// A checksum of the examples; `nil` before the first step.
  var examples: String?

  /// The algorithms that computed the network so far; resuming keeps to them, so that it repeats bit for bit.
  public internal(set) var algorithms: [String: ConvolutionAlgorithm] = [:]

  /// Why training ended before its last epoch.
  public enum Ending: Hashable, Sendable {
    /// There was no better epoch for as many as the recipe waits.
    case patience
    /// It collapsed.
    case collapse(Collapse)
    /// Its time was over.
    case time

    /// The reason in words.
    public var words: String {
      switch self {
      case .patience: "no epoch was better for too long"
      case .collapse: "it collapsed"
      case .time: "its time limit was reached"
      }
    }
  }

  /// Sums over the examples of a part of an epoch.
  public struct RunningSum: Hashable, Sendable {
    /// Sum of the losses.
    public internal(set) var loss = 0.0
    /// Number of examples classified correctly, as trained on.
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
  public func isFinished(_ recipe: Recipe) -> Bool {
    ending != nil || epochs.count >= recipe.epochs
  }

  /// The network of the last epoch.
  public var lastNetwork: Network { network(with: averaged) }

  /// The network that the training comes to: that of the best epoch if one is selected, else that of the last.
  public var trainedNetwork: Network { best.map { network(with: $0) } ?? lastNetwork }

  private func network(with parameters: [String: Tensor<Float>]?) -> Network {
    guard let parameters else { return network }
    var copy = network
    do {
      try copy.load(parameters)
    } catch {
      preconditionFailure("parameters of the network itself: \(error)")
    }
    return copy
  }

  /// Examples in words that tell them from others.
  static func describe(_ data: Dataset) -> String {
    "\(data.count) examples of \(data.name) from \(data.indices.lowerBound) on"
  }
}

/// What was seen in one epoch.
public struct EpochRecord: Hashable, Sendable, Codable {
  /// Mean loss over the examples as they were trained on.
  public let loss: Double
  /// Share classified correctly of the examples as they were trained on.
  public let accuracy: Double
  /// Share of the validation examples classified correctly; `nil` without validation.
  public let validationAccuracy: Double?
  /// Share of them that an attack did not break either; `nil` without one.
  public let robustAccuracy: Double?
  /// What was measured on the examples held out, by which the best epoch is selected; `nil` if none are.
  public var heldOut: Measurement?

  private enum CodingKeys: String, CodingKey {
    case loss, accuracy
    case validationAccuracy = "validation_accuracy"
    case robustAccuracy = "robust_accuracy"
    case heldOut = "held_out"
  }
}
