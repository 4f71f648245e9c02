public import Robustness
public import Tensors

/// How much each value of an input has to do with a class's score, as one method tells it.
public struct Attribution: Sendable, Hashable, Codable {
  /// The method's name.
  public let method: String
  /// All settings of the method as words, by name.
  public let settings: [String: String]
  /// A number for each value of the input, in the input's shape.
  public let map: Tensor<Float>
  /// What the numbers are measured in.
  public let unit: Unit
  /// The class.
  public let label: Int
  /// What of the class is explained.
  public let score: ClassScore
  /// The score at the input.
  public let value: Double
  /// What the numbers must add up to, and what they do; `nil` where the method promises nothing of their sum.
  public let balance: Balance?
  /// What was spent on this example.
  public let passes: Passes
  /// What else is to be known of how it was computed, a line each.
  public let remarks: [String]

  /// What the numbers of a map are measured in.
  public enum Unit: String, Sendable, Codable {
    /// Parts of the score: they can be added up.
    case score
    /// Score per unit of the input, in the units in which the model takes it.
    case scorePerUnit = "score per unit"
    /// The square of that.
    case squaredScorePerUnit = "squared score per unit"
    /// No unit that inputs of other examples share.
    case relative
  }

  /// A sum and what it must be: completeness, or the conservation of relevance.
  public struct Balance: Sendable, Hashable, Codable {
    /// What the numbers add up to.
    public let sum: Double
    /// What they should add up to.
    public let expected: Double

    /// Creates a balance.
    public init(sum: Double, expected: Double) {
      self.sum = sum
      self.expected = expected
    }

    /// |sum - expected|.
    public var gap: Double { abs(sum - expected) }

    /// The gap as a share of what is expected; infinite where zero is expected and missed.
    public var relativeGap: Double { gap == 0 ? 0 : gap / abs(expected) }
  }
}

/// What a method finds for one example, before it is put on record.
public struct AttributionFinding: Sendable {
  /// A number for each value of the input, in its shape.
  public var map: Tensor<Float>
  /// What the numbers should add up to, if anything.
  public var expectedSum: Double?
  /// What was spent.
  public var passes: Passes
  /// What else is to be known.
  public var remarks: [String]
  /// The sum of the map in double precision, where the method has added it up before rounding.
  public var sum: Double?

  /// Creates a finding.
  public init(
    _ map: Tensor<Float>, passes: Passes, expectedSum: Double? = nil, sum: Double? = nil,
    remarks: [String] = []
  ) {
    self.map = map
    self.passes = passes
    self.expectedSum = expectedSum
    self.sum = sum
    self.remarks = remarks
  }
}
