public import Robustness

/// What a suite of attacks says of a model on some examples.
public struct Evaluation: Sendable, Hashable {
  /// What one attack of the suite did.
  public struct Contribution: Sendable, Hashable, Codable {
    private enum CodingKeys: String, CodingKey {
      case name, tried, broken
      case accuracy = "accuracy_after"
      case passes, share
    }

    /// The name of the stage.
    public let name: String
    /// The examples that it was run on: those that nothing before it broke.
    public let tried: Int
    /// The examples that it broke.
    public let broken: Int
    /// The share of all examples that are right and not broken after it.
    public let accuracy: Proportion
    /// The passes that it spent.
    public let passes: Passes
    /// Its share of all passes, a backward pass counted like a forward pass.
    public let share: Double
  }

  /// The names of the stages.
  public let stages: [String]

  /// One record for each example, in order; at least one.
  public let records: [ExampleRecord]

  /// Collects records.
  ///
  /// - Precondition: There is a record.
  public init(stages: [String], records: [ExampleRecord]) {
    precondition(!records.isEmpty, "an evaluation of nothing")
    self.stages = stages
    self.records = records
  }

  /// The share of examples classified correctly as they are.
  public var clean: Proportion { share(of: records) { $0.isRight } }

  /// The share of examples classified correctly and not broken.
  public var robust: Proportion { share(of: records) { $0.isRobust } }

  /// All passes.
  public var passes: Passes { records.reduce(.zero) { $0 + $1.passes } }

  /// The records of broken examples.
  public var broken: [ExampleRecord] { records.filter { $0.adversarialExample != nil } }

  /// Records of examples on which an attack failed.
  public var failures: [ExampleRecord] { records.filter { $0.failure != nil } }

  /// What each attack did.
  public var contributions: [Contribution] {
    let total = max(1, passes.forward + passes.backward)
    var left = clean.count
    return stages.enumerated().map { place, name in
      let broken = records.count { $0.adversarialExample?.attack == name && $0.isRight }
      left -= broken
      let passes = records.reduce(Passes.zero) { sum, record in
        sum + (place < record.stagePasses.count ? record.stagePasses[place] : .zero)
      }
      return Contribution(
        name: name,
        tried: records.count { place < $0.stagePasses.count && $0.stagePasses[place] != .zero },
        broken: broken, accuracy: Proportion(left, of: records.count), passes: passes,
        share: Double(passes.forward + passes.backward) / Double(total))
    }
  }

  /// The classes that occur, each with its examples.
  public var classes:
    [(label: Int, clean: Proportion, robust: Proportion, records: [ExampleRecord])]
  {
    Dictionary(grouping: records, by: \.label).sorted { $0.key < $1.key }.map { label, own in
      (label, share(of: own) { $0.isRight }, share(of: own) { $0.isRobust }, own)
    }
  }

  private func share(of records: [ExampleRecord], _ holds: (ExampleRecord) -> Bool) -> Proportion {
    Proportion(records.count(where: holds), of: records.count)
  }
}

extension Evaluation: Codable {
  private enum CodingKeys: String, CodingKey {
    case stages
    case records = "examples"
  }

  /// Reads the stages and the records.
  ///
  /// - Throws: What the decoder throws; `DecodingError` if there is no record.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let records = try container.decode([ExampleRecord].self, forKey: .records)
    guard !records.isEmpty else {
      throw DecodingError.dataCorruptedError(
        forKey: .records, in: container, debugDescription: "an evaluation of nothing")
    }
    self.init(stages: try container.decode([String].self, forKey: .stages), records: records)
  }
}

/// Two models on the same examples, example by example.
public struct PairedComparison: Sendable, Hashable, Codable {
  private enum CodingKeys: String, CodingKey {
    case both
    case onlyFirst = "only_first"
    case onlySecond = "only_second"
    case neither
  }

  /// Examples that hold in both.
  public let both: Int
  /// Examples that hold in the first model only.
  public let onlyFirst: Int
  /// Examples that hold in the second model only.
  public let onlySecond: Int
  /// Examples that hold in neither.
  public let neither: Int

  /// Compares.
  ///
  /// - Precondition: There are as many of both.
  public init(_ first: [Bool], _ second: [Bool]) {
    precondition(first.count == second.count, "\(first.count) against \(second.count) examples")
    let pairs = Array(zip(first, second))
    both = pairs.count { $0.0 && $0.1 }
    onlyFirst = pairs.count { $0.0 && !$0.1 }
    onlySecond = pairs.count { !$0.0 && $0.1 }
    neither = pairs.count { !$0.0 && !$0.1 }
  }

  /// The probability of a difference as large as this or larger if both models were equally good: McNemar's exact
  /// test, two-sided.
  ///
  /// McNemar, "Note on the sampling error of the difference between correlated proportions or percentages", 1947,
  /// https://doi.org/10.1007/BF02295996.
  public var probability: Double {
    let total = onlyFirst + onlySecond
    guard total > 0 else { return 1 }
    // The terms of the binomial distribution relative to its largest, so that nothing underflows.
    var terms = [Double](repeating: 0, count: total + 1)
    let middle = total / 2
    terms[middle] = 1
    for k in stride(from: middle, to: 0, by: -1) {
      terms[k - 1] = terms[k] * Double(k) / Double(total - k + 1)
    }
    for k in middle..<total { terms[k + 1] = terms[k] * Double(total - k) / Double(k + 1) }
    let tail = terms[...min(onlyFirst, onlySecond)].reduce(0, +)
    return min(1, 2 * tail / terms.reduce(0, +))
  }
}
