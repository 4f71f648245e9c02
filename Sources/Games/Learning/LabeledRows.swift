/// Rows of features with a label each, 0 or 1; the last column is 1 throughout, and its weight is the bias.
public struct LabeledRows: Sendable, Hashable {
  /// The features, a row for each person, with a last column of ones.
  public let features: Matrix
  /// The labels, 0 or 1.
  public let labels: [Double]

  /// Creates rows of features without the column of ones; traps unless there is a label for each row.
  public init(features: [[Double]], labels: [Double]) {
    precondition(features.count == labels.count, "\(labels.count) labels of \(features.count) rows")
    self.features = Matrix(features.map { $0 + [1] })
    self.labels = labels
  }

  /// The number of rows.
  public var count: Int { labels.count }

  /// The number of weights, the bias among them.
  public var width: Int { features.columns }

  /// Each row's score: the features times the weights, and something more.
  ///
  /// - Parameters:
  ///   - weights: A weight for each column.
  ///   - offset: Added to every score.
  /// - Returns: A score for each row.
  public func scores(_ weights: [Double], offset: Double = 0) -> [Double] {
    let scores = features.times(weights)
    return offset == 0 ? scores : scores.map { $0 + offset }
  }

  /// The share of rows whose score is above zero where the label is 1, and not above it where it is 0.
  public func accuracy(_ weights: [Double], offset: Double = 0) -> Double {
    let right = zip(scores(weights, offset: offset), labels).count { ($0 > 0) == ($1 > 0.5) }
    return Double(right) / Double(max(1, count))
  }
}
