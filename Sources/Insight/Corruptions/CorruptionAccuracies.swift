public import Corruptions
public import Robustness

/// How much of a data set a model reads rightly, as it is and under corruptions.
public struct CorruptionAccuracies: Sendable, Hashable, Codable {
  /// Whose constants were taken.
  public let suite: CorruptionSuite
  /// The examples as they are.
  public let clean: Proportion
  /// Each corruption at each severity, in the order of the grid.
  public let cells: [Cell]

  /// A corruption at a severity.
  public struct Cell: Sendable, Hashable, Codable {
    /// The corruption.
    public let name: String
    /// How strong, from 1 on.
    public let severity: Int
    /// What was read rightly, by the first draw.
    public let right: Proportion
    /// What was read rightly by every one of several draws; `nil` where there was one.
    public let worst: Proportion?

    /// Creates a cell.
    public init(name: String, severity: Int, right: Proportion, worst: Proportion? = nil) {
      self.name = name
      self.severity = severity
      self.right = right
      self.worst = worst
    }
  }

  /// Creates accuracies.
  public init(suite: CorruptionSuite, clean: Proportion, cells: [Cell]) {
    self.suite = suite
    self.clean = clean
    self.cells = cells
  }

  /// The corruptions, each once.
  public var names: [String] {
    cells.reduce(into: []) { if $0.last != $1.name { $0.append($1.name) } }
  }

  /// The cells of a corruption.
  public func cells(of name: String) -> [Cell] { cells.filter { $0.name == name } }

  /// The mean accuracy of a corruption over its severities.
  public func mean(of name: String) -> Double { mean(cells(of: name).map(\.right.share)) }

  /// The same for what was read rightly by every draw; `nil` where there was one.
  public func worstMean(of name: String) -> Double? {
    let shares = cells(of: name).compactMap(\.worst?.share)
    return shares.isEmpty ? nil : mean(shares)
  }

  /// The mean accuracy over corruptions, of each the mean over its severities.
  public var meanAccuracy: Double { mean(names.map(mean(of:))) }

  /// The same for what was read rightly by every draw; `nil` where there was one.
  public var worstMeanAccuracy: Double? {
    let shares = names.compactMap(worstMean(of:))
    return shares.isEmpty ? nil : mean(shares)
  }

  /// The corruptions over which mean errors are taken: the common ones, unless there are none or MNIST-C has its own.
  public var commonNames: [String] {
    let common = names.filter(CorruptionRow.commonNames.contains)
    return suite == .mnistC || common.isEmpty ? names : common
  }

  /// The error of a corruption in shares of another model's: both summed over the severities.
  ///
  /// Hendrycks and Dietterich, 2019, https://arxiv.org/abs/1903.12261, where the other model is AlexNet.
  ///
  /// - Parameters:
  ///   - name: The corruption.
  ///   - base: The other model on the same pictures.
  ///   - isRelative: Whether the errors on pictures as they are, are subtracted from both first.
  /// - Returns: The share, 1 where both err alike; `nil` where the other model has no error to be measured by.
  public func error(
    of name: String, against base: CorruptionAccuracies, isRelative: Bool = false
  ) -> Double? {
    func sum(_ accuracies: CorruptionAccuracies) -> Double {
      let start = isRelative ? accuracies.clean.share : 1
      return accuracies.cells(of: name).reduce(0) { $0 + start - $1.right.share }
    }
    let whole = sum(base)
    return whole > 0 ? sum(self) / whole : nil
  }

  /// The mean corruption error (mCE), or the relative one, over `commonNames`; `nil` where one of them has none.
  public func meanError(
    against base: CorruptionAccuracies, isRelative: Bool = false
  ) -> Double? {
    let errors = commonNames.map { error(of: $0, against: base, isRelative: isRelative) }
    let known = errors.compactMap { $0 }
    return known.count == errors.count ? mean(known) : nil
  }

  private func mean(_ numbers: [Double]) -> Double {
    numbers.reduce(0, +) / Double(max(numbers.count, 1))
  }
}
