/// Exact bounds of an unknown probability by the number of successes among independent trials.
///
/// Clopper and Pearson, "The use of confidence or fiducial limits illustrated in the case of the binomial", 1934,
/// https://doi.org/10.1093/biomet/26.4.404.
public enum BinomialBounds {
  /// By how much bounds are moved outward, relative to the distance to 0 or 1: more than the beta function may be
  /// wrong.
  private static let slack = 1e-9

  /// A lower bound of the probability, which is above it with a probability of at most `alpha`.
  ///
  /// - Parameters:
  ///   - successes: The number of successes, 0...trials.
  ///   - trials: The number of trials, at least 1.
  ///   - alpha: The probability of error, in (0, 1).
  /// - Returns: The bound, in [0, 1).
  public static func lower(successes: Int, of trials: Int, alpha: Double) -> Double {
    precondition(trials >= 1 && 0...trials ~= successes, "\(successes) of \(trials) trials")
    precondition(alpha > 0 && alpha < 1, "an error of \(alpha)")
    guard successes > 0 else { return 0 }
    // P(X >= k) = I_p(k, n - k + 1) rises with p and is alpha at the bound.
    var (low, high) = (0.0, Double(successes) / Double(trials))
    for _ in 0..<200 where high - low > low * 1e-15 {
      let middle = low + (high - low) / 2
      let tail = IncompleteBeta.regularized(
        middle, Double(successes), Double(trials - successes + 1)
      ).below
      if tail <= alpha { low = middle } else { high = middle }
    }
    return max(0, low * (1 - slack))
  }

  /// An upper bound of the probability, which is below it with a probability of at most `alpha`.
  public static func upper(successes: Int, of trials: Int, alpha: Double) -> Double {
    1 - lower(successes: trials - successes, of: trials, alpha: alpha)
  }

  /// The probability, if both were equally likely, that of two outcomes one is seen at least as often as the more
  /// frequent was: the two-sided binomial test.
  ///
  /// - Parameters:
  ///   - first: How often one was seen.
  ///   - second: How often the other was.
  /// - Returns: The p-value; 1 where neither was seen.
  public static func evenness(_ first: Int, _ second: Int) -> Double {
    let (most, total) = (max(first, second), first + second)
    guard total > 0, most > total - most else { return 1 }
    let tail = IncompleteBeta.regularized(0.5, Double(most), Double(total - most + 1)).below
    return min(1, 2 * tail)
  }
}
