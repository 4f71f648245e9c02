import Platform

/// Qualified and unqualified people with normal features of the same spread, and changes that cost by distance: closed
/// forms for everything that a rule does.
///
/// Features are N(+-mu, I), half of the people each way; the score is along mu, of which only the length m = |mu|
/// counts, and a change of length l costs price l. So everyone within r = benefit / price below a threshold t moves
/// onto it.
public struct GaussianPopulation: Sendable, Hashable {
  /// Half of the distance between both means.
  public let separation: Double
  /// What a change of length 1 costs.
  public let price: Double
  /// What it is worth to be accepted.
  public let benefit: Double

  /// Creates a population.
  public init(separation: Double, price: Double, benefit: Double) {
    self.separation = separation
    self.price = price
    self.benefit = benefit
  }

  /// How far below a threshold it is worth to move.
  public var reach: Double { benefit / price }

  /// The share of right decisions of a threshold on people who answer it.
  public func gamedAccuracy(threshold: Double) -> Double {
    let effective = threshold - reach
    return (Self.below(separation - effective) + Self.below(separation + effective)) / 2
  }

  /// The best threshold under gaming, which makes people's answers bring about what no gaming would: by r higher.
  public var bestThreshold: Double { reach }

  /// What the qualified pay in the mean to get to a threshold, whether it is worth it or not.
  public func burden(threshold: Double) -> Double {
    let distance = threshold - separation
    return price
      * (distance * Self.below(distance) + exp(-distance * distance / 2)
        / (2 * Double.pi).squareRoot())
  }

  /// The share of a standard normal law below a number.
  public static func below(_ value: Double) -> Double { erfc(-value / 2.0.squareRoot()) / 2 }
}
