public import Tensors

/// Corruptions of a suite at some severities each.
public struct CorruptionGrid: Sendable {
  /// Whose constants are taken.
  public let suite: CorruptionSuite
  /// The corruptions in the order in which they were named, each from the mildest severity on.
  public let cells: [Cell]

  /// A corruption at a severity.
  public struct Cell: Sendable, CustomStringConvertible {
    /// The corruption.
    public let row: CorruptionRow
    /// How strong, from 1 on.
    public let severity: Int
    /// Whose constants are taken.
    public let suite: CorruptionSuite

    /// A corruption at a severity.
    ///
    /// - Precondition: The suite has the corruption, and the corruption the severity.
    public init(_ row: CorruptionRow, severity: Int, in suite: CorruptionSuite) {
      precondition(
        row.severities(in: suite).contains(severity), "no \(row) \(severity) in \(suite.rawValue)")
      self.row = row
      self.severity = severity
      self.suite = suite
    }

    /// The name and the severity, such as `fog 3`; of what has one severity the name alone.
    public var description: String {
      row.severities(in: suite).count > 1 ? "\(row.name) \(severity)" : row.name
    }

    /// The corrupted picture; see `CorruptionRow.corrupted`.
    ///
    /// - Throws: `CorruptionError` for a shape or a value that is no picture's.
    public func corrupted(
      _ image: Tensor<Float>, key: RandomKey
    ) throws(CorruptionError) -> Tensor<Float> {
      try row.corrupted(image, severity: severity, in: suite, key: key)
    }
  }

  /// Reads which corruptions and severities are meant.
  ///
  /// - Parameters:
  ///   - names: Names of corruptions; `all` for those of the suite, `common` for the 15 of mean corruption errors.
  ///   - severities: Numbers from 1 to 5 joined by commas, `all`, or `published` for those at which MNIST-C was published;
  ///     by default `published` for MNIST-C and `all` for others. What has no severities is there once.
  ///   - suite: Whose constants are taken.
  /// - Throws: `CorruptionError` for what is not known, or named twice.
  public init(
    _ names: [String], severities: String? = nil, in suite: CorruptionSuite
  ) throws(CorruptionError) {
    var rows: [CorruptionRow] = []
    for name in names {
      switch name {
      case "all": rows += CorruptionRow.rows(of: suite)
      case "common":
        rows += CorruptionRow.rows(of: suite).filter {
          suite == .mnistC || CorruptionRow.commonNames.contains($0.name)
        }
      default: rows.append(try CorruptionRow.row(named: name, in: suite))
      }
    }
    for (place, row) in rows.enumerated()
    where rows[..<place].contains(where: { $0.name == row.name }) {
      throw .repeated(row.name)
    }
    guard !rows.isEmpty else { throw .unknown("", suite, elsewhere: []) }
    let words = severities ?? (suite == .mnistC ? "published" : "all")
    let chosen = try CorruptionGrid.severities(words, suite)
    self.suite = suite
    cells = rows.flatMap { row in
      let range = row.severities(in: suite)
      let own =
        range.count == 1 ? [1] : chosen ?? row.published.map { [$0] } ?? Array(range)
      return own.map { Cell(row, severity: $0, in: suite) }
    }
  }

  /// The severities that words mean; `nil` for those at which the suite was published.
  private static func severities(
    _ words: String, _ suite: CorruptionSuite
  ) throws(CorruptionError) -> [Int]? {
    if words == "all" { return Array(CorruptionSuite.severities) }
    if words == "published" {
      guard suite == .mnistC else { throw .unpublished(suite) }
      return nil
    }
    var numbers: Set<Int> = []
    for word in words.split(separator: ",", omittingEmptySubsequences: false) {
      guard let number = Int(word), CorruptionSuite.severities ~= number else {
        throw .severities(String(word))
      }
      guard numbers.insert(number).inserted else { throw .repeated("severity \(number)") }
    }
    return numbers.sorted()
  }

  /// The rows, each once.
  public var rows: [CorruptionRow] {
    cells.reduce(into: []) { rows, cell in
      if rows.last?.name != cell.row.name { rows.append(cell.row) }
    }
  }
}
