import Settings

/// A mistake that a model and data seem to suffer from, with what shows it and how it could be mended.
public struct Finding: Hashable, Codable, Sendable, CustomStringConvertible {
  /// The kinds of mistakes, by the names that results give them.
  public enum Kind: String, CaseIterable, Codable, Sendable {
    /// Parameters or outputs that are NaN or infinite.
    case notFinite = "not-finite"
    /// Outputs that are probabilities where logits are expected.
    case probabilities
    /// Values in other units than the network was trained on.
    case inputRange = "input-range"
    /// Red and blue exchanged.
    case channelOrder = "channel-order"
    /// Normalisation that is missing, or applied twice.
    case normalization
    /// Axes of the data in another order than they are said to be.
    case layout
    /// Pictures upside down or mirrored.
    case orientation
    /// Labels that do not count as the outputs do.
    case labels
    /// Outputs that are all equal, or so far apart that nothing but the largest counts.
    case saturated
    /// Batch normalisation whose statistics are not those of the weights.
    case batchNormalization = "batch-normalization"
    /// Outputs that change from call to call.
    case unsteady
    /// Outputs of one example that depend on others.
    case batchDependence = "batch-dependence"
    /// Columns whose ranges differ so much that one radius fits none of them.
    case columnRanges = "column-ranges"
    /// Predictions hardly better than guesses.
    case nearChance = "near-chance"
  }

  /// The kind of mistake.
  public let kind: Kind

  /// What was measured.
  public let evidence: String

  /// What would probably mend it.
  public let mend: String

  /// Creates a finding.
  public init(_ kind: Kind, _ evidence: String, mend: String) {
    self.kind = kind
    self.evidence = evidence
    self.mend = mend
  }

  /// Evidence and mend in one line.
  public var description: String { "\(evidence); \(mend)" }

  /// Columns of a table that vary by very different amounts, of which one radius and one range serve none.
  ///
  /// Rows of pictures and series are none, where borders vary little: their neighbours vary alike, or most of them as
  /// much as the widest.
  ///
  /// - Parameters:
  ///   - names: The names of the columns.
  ///   - lower: The least value of each.
  ///   - upper: The largest value of each.
  ///   - deviations: The standard deviation of each: where these are alike, the columns were standardised.
  /// - Returns: What was found, if the widest range is ten times the narrowest that is not empty, or more.
  public static func columns(
    names: [String], lower: [Float], upper: [Float], deviations: [Double]
  ) -> Finding? {
    precondition(
      names.count == lower.count && names.count == upper.count && names.count == deviations.count,
      "as many of each as there are columns")
    let widths = zip(lower, upper).map { Double($1) - Double($0) }
    let varying = widths.indices.filter { widths[$0] > 0 && widths[$0].isFinite }
    guard let widest = varying.max(by: { (widths[$0], $1) < (widths[$1], $0) }),
      let narrowest = varying.min(by: { (widths[$0], $0) < (widths[$1], $1) }),
      widths[widest] >= 10 * widths[narrowest],
      let most = varying.map({ deviations[$0] }).max(),
      let least = varying.map({ deviations[$0] }).min(), most >= 3 * least,
      !areSamples(names: varying.map { names[$0] }, widths: varying.map { widths[$0] })
    else { return nil }
    func words(_ column: Int) -> String {
      "'\(names[column].prefix(40))' \(text(lower[column])) to \(text(upper[column]))"
    }
    return Finding(
      .columnRanges,
      "the columns have very different ranges, such as \(words(narrowest)) and \(words(widest)); one radius and one"
        + " range cannot fit all of them",
      mend: "say \(Setting.dataRange) columns, and radii are shares of each column's own range")
  }

  /// A number as people write it, small ones whole.
  private static func text(_ value: Float) -> String {
    value != 0 && abs(value) < 0.01 ? value.description : DescriptionSource.text(value)
  }

  /// Whether columns are samples of one thing, such as a picture or a series, by their names and by how they vary.
  private static func areSamples(names: [String], widths: [Double]) -> Bool {
    guard widths.count >= 16, let widest = widths.max() else { return false }
    // Pixels and samples are called by numbers, if at all; what a table is about has names.
    let stems = Set(names.map { name in String(name.lowercased().filter { $0.isLetter }) })
    guard stems.count <= 3 else { return false }
    let wide = widths.count { $0 >= widest / 2 }
    let narrow = widths.count { $0 < widest / 10 }
    if 10 * wide >= 6 * widths.count, 20 * narrow <= 3 * widths.count { return true }
    let steps = zip(widths, widths.dropFirst()).map { max($0, $1) / min($0, $1) }
    return 20 * steps.count { $0 <= 3 } >= 19 * steps.count && (steps.max() ?? 1) <= 10
  }
}
