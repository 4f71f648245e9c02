import Insight
import JSON

/// What a network that learned from data with a planted cue does, and how it is repaired.
public struct HansDemonstration: Sendable, Hashable, Codable {
  /// How much of the test pictures a network reads rightly.
  public struct Accuracy: Sendable, Hashable, Codable {
    /// As they are, without any cue.
    public let asTheyAre: Double
    /// With the cue on all pictures but those of its class.
    public let moved: Double
    /// The pictures of the cue's class alone, without it.
    public let ofClass: Double
  }

  /// The cue as it was planted, such as `patch:0.5:8`.
  public let plant: String
  /// The class that it betrays.
  public let label: Int
  /// How many training pictures have it.
  public let plantedCount: Int
  /// How many training pictures there are.
  public let trainingCount: Int
  /// How many test pictures there are.
  public let testCount: Int
  /// A network that learned from the same pictures without the cue.
  public let reference: Accuracy
  /// The network that learned with it.
  public let deceived: Accuracy
  /// A network that learned from pictures on which the found cue stands at random; `nil` where none was found.
  public let repaired: Accuracy?
  /// For each cluster of the class, how many of its members have the planted cue.
  public let plantedInClusters: [Int]
  /// For each, how many members it has.
  public let clusterSizes: [Int]
  /// Of the pictures in which the cue of the class was found, how many have the planted one; `nil` where none was
  /// found.
  public let plantedInCarriers: Int?
  /// How many pictures that is of.
  public let carrierCount: Int?

  /// The accuracy that is lost where the cue moves, against the reference as the pictures are.
  public var lost: Double { reference.asTheyAre - deceived.moved }

  /// The share of what was lost that the repaired network has back; `nil` without one, or where less than two
  /// hundredths were lost.
  public var recovered: Double? {
    guard let repaired, lost >= 0.02 else { return nil }
    return (repaired.moved - deceived.moved) / lost
  }

  /// The largest share of planted pictures in a cluster that holds a tenth of the planted ones at least; 0 without one.
  public var purity: Double {
    let total = plantedInClusters.reduce(0, +)
    return zip(plantedInClusters, clusterSizes).filter { 10 * $0.0 >= total && $0.0 > 0 }
      .map { Double($0.0) / Double($0.1) }.max() ?? 0
  }

  /// The same as a part of the record.
  var json: JSONValue {
    func accuracy(_ of: Accuracy) -> JSONValue {
      [
        "as_they_are": JSONValue(of.asTheyAre), "moved": JSONValue(of.moved),
        "of_class": JSONValue(of.ofClass),
      ]
    }
    return [
      "plant": JSONValue(plant), "class": JSONValue(label), "planted": JSONValue(plantedCount),
      "training": JSONValue(trainingCount), "test": JSONValue(testCount),
      "reference": accuracy(reference), "deceived": accuracy(deceived),
      "repaired": JSONValue(repaired.map(accuracy)), "lost": JSONValue(lost),
      "recovered": JSONValue(recovered), "purity": JSONValue(purity),
      "planted_in_clusters": .array(plantedInClusters.map { JSONValue($0) }),
      "cluster_sizes": .array(clusterSizes.map { JSONValue($0) }),
      "planted_in_carriers": JSONValue(plantedInCarriers),
      "carriers": JSONValue(carrierCount),
    ]
  }
}
