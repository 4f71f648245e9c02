public import Certificates
public import Robustness

/// What verified bounds say of examples: a lower bound of the accuracy under all changes that a threat allows, beside
/// the upper bound that attacks give.
public struct Certification: Sendable, Hashable, Codable {
  /// What is said of one example.
  public struct Example: Sendable, Hashable, Codable {
    private enum CodingKeys: String, CodingKey {
      case index, label
      case isRight = "right"
      case certificate
    }

    /// The position of the example in its data set.
    public let index: Int
    /// The true class.
    public let label: Int
    /// Whether the model classifies the example correctly as it is.
    public let isRight: Bool
    /// What the bounds say.
    public let certificate: Certificate

    /// Creates an example from its parts.
    public init(index: Int, label: Int, isRight: Bool, certificate: Certificate) {
      self.index = index
      self.label = label
      self.isRight = isRight
      self.certificate = certificate
    }

    /// Whether it is classified correctly, and verified that no allowed change leads to another class.
    public var isCertified: Bool { isRight && certificate.isCertified }
  }

  /// The examples, in the order of the data; at least one.
  public let examples: [Example]

  /// Collects examples.
  ///
  /// - Precondition: There is an example.
  public init(examples: [Example]) {
    precondition(!examples.isEmpty, "a certification of nothing")
    self.examples = examples
  }

  /// The verified accuracy: the share of examples that are certified, a lower bound of the robust accuracy.
  public var accuracy: Proportion {
    Proportion(examples.count(where: \.isCertified), of: examples.count)
  }

  /// How many examples are certified by a bound; linear functions are asked only where intervals do not suffice.
  public func count(by bound: Certificate.Bound) -> Int {
    examples.count { $0.isCertified && $0.certificate.bound == bound }
  }

  /// The indices of examples that are certified and were broken all the same: one of both is wrong, and so is Gibbon.
  ///
  /// - Parameter records: What attacks came to, on the same examples or some of them.
  /// - Returns: Indices into the data set, ascending.
  public func contradictions(with records: [ExampleRecord]) -> [Int] {
    let certified = Set(examples.lazy.filter(\.isCertified).map(\.index))
    return records.filter { $0.adversarialExample != nil && certified.contains($0.index) }
      .map(\.index).sorted()
  }

  /// Reads the examples.
  ///
  /// - Throws: What the decoder throws; `DecodingError` if there is none.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let examples = try container.decode([Example].self, forKey: .examples)
    guard !examples.isEmpty else {
      throw DecodingError.dataCorruptedError(
        forKey: .examples, in: container, debugDescription: "a certification of nothing")
    }
    self.init(examples: examples)
  }

  private enum CodingKeys: String, CodingKey { case examples }
}
