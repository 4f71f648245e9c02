/// A feature of people, and what it costs them to change it.
public struct StrategicFeature: Sendable, Hashable, Codable {
  /// What values it has.
  public enum Kind: Sendable, Hashable, Codable {
    /// Numbers between limits, beyond which nobody goes.
    case number(ClosedRange<Double>)
    /// Categories by their names.
    case category([String])
  }

  /// In which way it can be changed.
  public enum Change: String, Sendable, Hashable, Codable, CaseIterable {
    /// In either way; a category into any other.
    case any
    /// Only upward.
    case up
    /// Only downward.
    case down
    /// Not at all.
    case never
  }

  /// The name.
  public let name: String
  /// What values it has.
  public let kind: Kind
  /// What a change by 1, or of the category, costs; at or above 0.
  public let price: Double
  /// In which way it can be changed.
  public let change: Change

  /// Creates a feature; one that never changes unless told otherwise.
  public init(_ name: String, _ kind: Kind, price: Double = 0, change: Change = .never) {
    self.name = name
    self.kind = kind
    self.price = price
    self.change = change
  }
}

/// How the prices of several features make one cost.
public enum CostShape: String, Sendable, Hashable, Codable, CaseIterable {
  /// The sum of prices times changes.
  case l1
  /// The root of the sum of their squares.
  case euclidean
  /// The sum of prices times squared changes.
  case quadratic
  /// What the sum of prices times values rises by, and nothing where it does not: a function of the new values less one
  /// of the old, as Hardt et al. take it. A value that may only fall counts with the other sign.
  case separable

  /// The shape as a formula.
  public var formula: String {
    switch self {
    case .l1: "sum of price |change|"
    case .euclidean: "root of the sum of (price change)^2"
    case .quadratic: "sum of price change^2"
    case .separable: "rise of the sum of price value"
    }
  }
}

/// What changes cost, and what it is worth to be accepted.
public struct ChangeCosts: Sendable, Hashable, Codable {
  /// The features, in the order of people's values.
  public let features: [StrategicFeature]
  /// How prices make a cost.
  public let shape: CostShape
  /// What it is worth to be accepted, above 0.
  public let benefit: Double

  /// Creates costs.
  ///
  /// - Throws: `GameError` that names the feature whose price or change is not possible.
  public init(
    _ features: [StrategicFeature], shape: CostShape, benefit: Double
  ) throws(GameError) {
    for feature in features {
      guard feature.price >= 0, feature.price.isFinite else {
        throw GameError("\(feature.name): the price is \(feature.price); expected a number from 0")
      }
      if feature.change != .never, feature.price == 0 {
        throw GameError(
          "\(feature.name): a change that costs nothing is made by everyone; expected a price above 0"
        )
      }
      if case .category = feature.kind, feature.change == .up || feature.change == .down {
        throw GameError(
          "\(feature.name): categories have no order; expected any or never, not \(feature.change.rawValue)"
        )
      }
    }
    guard benefit > 0, benefit.isFinite else {
      throw GameError("being accepted is worth \(benefit); expected a number above 0")
    }
    self.features = features
    self.shape = shape
    self.benefit = benefit
  }

  /// The same where all changes cost a multiple.
  ///
  /// - Parameter factor: Above 0.
  /// - Returns: The costs, with prices and benefit as they were told.
  public func scaled(by factor: Double) -> ChangeCosts {
    var copy = self
    // A multiple of every cost is what a fraction of the worth is; costs are told in their own unit.
    copy.factor *= factor
    return copy
  }

  /// By what all costs are multiplied.
  public private(set) var factor = 1.0

  /// The most that anybody spends, before the multiplication.
  var budget: Double { benefit / factor }
}
