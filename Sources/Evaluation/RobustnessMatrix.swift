public import Robustness

/// The robust accuracies of several networks, its rows, under several threats, its columns, on the same examples.
///
/// A threat is a ball. Of two balls of one norm the larger holds all that the smaller one does; so an example that was
/// broken within a radius is broken within each larger one, and one that is certified within a radius is so within each
/// smaller one. Both hold by construction: `Row` takes the smallest radius that broke an example, and the largest
/// within which it is certified.
public struct RobustnessMatrix: Sendable, Hashable, Codable {
  /// A threat.
  public struct Column: Sendable, Hashable, Codable {
    /// The norm, such as `linf`.
    public let norm: String
    /// The radius.
    public let radius: Double
    /// The radius as it was written, such as `8/255`.
    public let text: String

    /// Creates a column.
    public init(_ norm: Norm, radius: Double, text: String) {
      self.norm = norm.rawValue
      self.radius = radius
      self.text = text
    }

    /// The threat as the command takes it.
    public var threat: String { "\(norm):\(text)" }
  }

  /// What became of one example in one network.
  public struct Example: Sendable, Hashable, Codable {
    /// The position of the example in its data set.
    public let index: Int
    /// The true class.
    public let label: Int
    /// What the network takes it for as it is; `nil` for NaN.
    public let prediction: Int?
    /// Whether it is classified correctly as it is.
    public let isRight: Bool
    /// Whether it is right and not broken, for each column.
    public let isRobust: [Bool]
    /// Whether it is certified, for each column; empty where that was not asked.
    public let isCertified: [Bool]

    /// Creates an example from its parts.
    public init(
      index: Int, label: Int, prediction: Int?, isRight: Bool, isRobust: [Bool],
      isCertified: [Bool]
    ) {
      self.index = index
      self.label = label
      self.prediction = prediction
      self.isRight = isRight
      self.isRobust = isRobust
      self.isCertified = isCertified
    }
  }

  /// A network.
  public struct Row: Sendable, Hashable, Codable {
    /// What it is called.
    public let model: String
    /// The examples, in the order of the data; at least one.
    public let examples: [Example]
    /// For how many examples each column had attacks to run: those that were right, and that no smaller radius broke.
    public let attacked: [Int]
    /// The passes of each column.
    public let passes: [Passes]
    /// The seconds of each column's attacks.
    public let seconds: [Double]
    /// The seconds of the verification; 0 where there was none.
    public let verifySeconds: Double

    /// Creates a row from its parts.
    public init(
      model: String, examples: [Example], attacked: [Int], passes: [Passes], seconds: [Double],
      verifySeconds: Double
    ) {
      precondition(!examples.isEmpty, "a row of nothing")
      self.model = model
      self.examples = examples
      self.attacked = attacked
      self.passes = passes
      self.seconds = seconds
      self.verifySeconds = verifySeconds
    }

    /// The share of examples classified correctly as they are.
    public var clean: Proportion { share { $0.isRight } }

    /// The share of examples that are right and were not broken: an upper bound of the robust accuracy.
    public func robust(_ column: Int) -> Proportion { share { $0.isRobust[column] } }

    /// The share of examples that are certified, a lower bound of the robust accuracy; `nil` where that was not asked.
    public func verified(_ column: Int) -> Proportion? {
      examples[0].isCertified.isEmpty ? nil : share { $0.isCertified[column] }
    }

    /// The indices of examples that are certified in a column and were broken there all the same; see
    /// `Certification.contradictions`.
    public var contradictions: [Int] {
      examples.filter { example in
        zip(example.isRobust, example.isCertified).contains { !$0 && $1 }
      }.map(\.index)
    }

    private func share(_ holds: (Example) -> Bool) -> Proportion {
      Proportion(examples.count(where: holds), of: examples.count)
    }
  }

  /// The threats, each norm's by ascending radius.
  public let columns: [Column]
  /// The networks.
  public let rows: [Row]

  /// Collects rows.
  ///
  /// - Precondition: All rows are about as many examples, and these about all columns.
  public init(columns: [Column], rows: [Row]) {
    precondition(
      rows.allSatisfy { row in
        row.examples.count == rows[0].examples.count
          && row.examples.allSatisfy { $0.isRobust.count == columns.count }
      }, "rows of different lengths")
    self.columns = columns
    self.rows = rows
  }

  /// How a network stands among the others in a column.
  public enum Standing: String, Sendable, Hashable, Codable {
    /// No other has a higher accuracy.
    case best
    /// Less than the best, but not clearly so: McNemar's exact test on the same examples gives 0.05 or more.
    case tied
    /// Clearly less than the best.
    case behind
  }

  /// The standing of each network by some property of examples, such as being robust in a column.
  public func standings(_ holds: (Example) -> Bool) -> [Standing] {
    let held = rows.map { $0.examples.map(holds) }
    let counts = held.map { row in row.count { $0 } }
    guard let most = counts.max(), let leader = counts.firstIndex(of: most) else { return [] }
    return rows.indices.map { row in
      if counts[row] == most { return .best }
      let comparison = PairedComparison(held[leader], held[row])
      return comparison.probability < 0.05 ? .behind : .tied
    }
  }
}
