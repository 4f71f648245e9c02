/// A mistake that a model and data seem to suffer from, with what shows it and how it could be mended.
public struct Finding: Hashable, Sendable, CustomStringConvertible {
  /// The kinds of mistakes, by the names that results give them.
  public enum Kind: String, CaseIterable, Sendable {
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
}
