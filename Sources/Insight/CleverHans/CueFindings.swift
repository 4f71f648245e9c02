public import Robustness
public import Tensors

/// What was found in the pictures of one class: groups that the network decides alike, and cues that it rides on.
public struct CueFindings: Sendable, Hashable, Codable {
  /// The class.
  public let label: Int
  /// How many of its pictures were looked at.
  public let count: Int
  /// The smallest eigenvalues of the graph of relevance maps: as many near 0 as there are groups.
  public let eigenvalues: [Double]
  /// What a cue of all pictures together does; `nil` where they have nothing near-constant that others lack.
  public let whole: CueTrial?
  /// The clusters, the largest first.
  public let clusters: [CueCluster]
  /// The cues, that which flips most first; empty where there is no alarm.
  public let cues: [FoundCue]
}

/// Pictures of one class whose relevance maps are alike.
public struct CueCluster: Sendable, Hashable, Codable {
  /// Their positions in the data, in ascending order.
  public let members: [Int]
  /// Some of them, those nearest to the cluster's middle first.
  public let examples: [Int]
  /// The mean of their relevance maps, each divided by the sum of its magnitudes.
  public let meanRelevance: Tensor<Float>
  /// How many values they have in common that others lack.
  public let coreCount: Int
  /// What these do on pictures of other classes; `nil` where there are none.
  public let trial: CueTrial?
  /// Whether the trial is an alarm, or most members have a cue that was found.
  public let isSuspicious: Bool
  /// How many members have each of the cues that were found.
  public let carriers: [Int]
}

/// A cue that a network rides on, and what it does.
public struct FoundCue: Sendable, Hashable, Codable {
  /// The cue as it was estimated from all pictures that have it.
  public let cue: Cue
  /// The positions of the class's pictures that have it, of those that were looked at.
  public let carriers: [Int]
  /// How many of the class's pictures have it.
  public let inClass: Proportion
  /// How many pictures of other classes have it.
  public let inOthers: Proportion
  /// What it does on pictures of other classes that the network reads rightly.
  public let trial: CueTrial
  /// Positions of some pictures of other classes that it flips.
  public let flipped: [Int]
  /// How many of the carriers are read as their class as they are.
  public let readWith: Proportion
  /// How many are so once the cue is removed.
  public let readWithout: Proportion
  /// The share of the relevance that lies where the cue is, in the mean over the carriers.
  public let relevanceShare: Double
  /// The same over the class's pictures without the cue; `nil` where there are none.
  public let relevanceShareWithout: Double?

  /// The share of the picture that the cue touches: the share of the relevance that chance would give it.
  public var areaShare: Double { Double(cue.touchedCount) / Double(cue.isTouched.count) }
}
