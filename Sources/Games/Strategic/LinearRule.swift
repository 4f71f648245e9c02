/// A rule that accepts people whose score is at or above a threshold: a weight for each number and each category.
public struct LinearRule: Sendable, Hashable, Codable {
  /// For each feature its weight, or that of each of its categories.
  public let weights: [[Double]]
  /// The least score that is accepted.
  public var threshold: Double

  /// Creates a rule.
  ///
  /// - Parameters:
  ///   - weights: One number for a feature of numbers, and one for each category otherwise.
  ///   - threshold: The least score that is accepted.
  public init(weights: [[Double]], threshold: Double) {
    self.weights = weights
    self.threshold = threshold
  }

  /// The score of a person's values, of which those of categories are places.
  public func score(_ person: [Double], _ features: [StrategicFeature]) -> Double {
    var sum = 0.0
    for (place, feature) in features.enumerated() {
      switch feature.kind {
      case .number: sum += weights[place][0] * person[place]
      case .category: sum += weights[place][Int(person[place])]
      }
    }
    return sum
  }
}
