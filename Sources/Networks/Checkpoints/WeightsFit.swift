public import Tensors

/// A set of weights in a checkpoint that is all that a network of some form needs.
public struct WeightsFit: Sendable {
  /// What errors call the file.
  public let file: String

  /// What `--entry` calls it: the keys and the prefix under which it lies, joined by dots; "." if it lies under none.
  public let entry: String

  /// The parameters by their names in the network.
  public let parameters: [String: Tensor<Float>]

  /// The other sets of weights in the file that would have fitted, as `--entry` calls them.
  public let others: [String]

  /// What the network does to its input first, as the file has it; `nil` if it says nothing of that.
  public let normalization: WeightsNormalization?

  /// What was left out.
  public let surplus: WeightsSurplus
}

/// Means and standard deviations that a checkpoint keeps beside its network.
public struct WeightsNormalization: Hashable, Sendable {
  /// The name of the means in the file.
  public let meanName: String
  /// The name of the standard deviations in the file.
  public let deviationName: String
  /// One mean for each channel, or one for all.
  public let mean: [Float]
  /// As many standard deviations.
  public let deviation: [Float]
}

/// What a checkpoint holds beside the parameters of a network.
public struct WeightsSurplus: Hashable, Sendable {
  /// Counts of steps and the like.
  public var counters: [String] = []
  /// Parts that play no role when inputs are classified: losses, and blocks that are known to be unused.
  public var idle: [String] = []
  /// Parts that the network's form does not have.
  public var unknown: [String] = []
  /// Halves of a normalisation, or such of another number of channels.
  public var normalization: [String] = []
  /// Averages of the weights that are not whole, so that others were taken.
  public var averages: [String] = []

  /// Creates an empty list.
  public init() {}
}
