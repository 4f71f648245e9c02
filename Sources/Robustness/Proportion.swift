/// A share of a sample, with what it says about the whole.
public struct Proportion: Hashable, Sendable {
  /// How many.
  public let count: Int
  /// Of how many, at least 1.
  public let total: Int

  /// Creates a share.
  public init(_ count: Int, of total: Int) {
    precondition(0...total ~= count && total >= 1, "\(count) of \(total) is no share")
    self.count = count
    self.total = total
  }

  /// The share itself, in [0, 1].
  public var share: Double { Double(count) / Double(total) }

  /// The interval that holds the share of the whole with 95 % confidence.
  ///
  /// E. B. Wilson, "Probable inference, the law of succession, and statistical inference", 1927,
  /// https://doi.org/10.1080/01621459.1927.10502953.
  public var interval: ClosedRange<Double> {
    let z = 1.959963984540054
    let n = Double(total)
    let centre = share + z * z / (2 * n)
    let spread = z * ((share * (1 - share) + z * z / (4 * n)) / n).squareRoot()
    let scale = 1 + z * z / n
    return max(0, (centre - spread) / scale)...min(1, (centre + spread) / scale)
  }
}

extension Proportion: Codable {
  private enum CodingKeys: String, CodingKey { case count, total }

  /// Reads both numbers.
  ///
  /// - Throws: What the decoder throws; `DecodingError` unless they make a share.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let (count, total) = (
      try container.decode(Int.self, forKey: .count), try container.decode(Int.self, forKey: .total)
    )
    guard total >= 1, 0...total ~= count else {
      throw DecodingError.dataCorruptedError(
        forKey: .count, in: container, debugDescription: "\(count) of \(total) is no share")
    }
    self.init(count, of: total)
  }
}
