/// Two models on the same examples, example by example.
public struct PairedComparison: Sendable, Hashable {
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
