import Platform

/// A test that may look at every trial: whether an unknown probability lies above a threshold.
///
/// The likelihood of the trials under a mixture of the probabilities above the threshold, divided by that under the
/// threshold itself, is a supermartingale for every probability at or below it; so with a probability of at most
/// `alpha` it ever reaches 1 / alpha (Ville 1939). The mixture is a beta distribution cut to the side of the threshold,
/// without the factor of two that a mixture over all probabilities needs. Voracek, "Treatment of statistical estimation
/// problems in randomized smoothing for adversarial robustness", 2024, https://arxiv.org/abs/2406.17830.
public struct SequentialTest: Sendable, Hashable {
  /// The threshold, in (0, 1).
  public let threshold: Double
  /// The probability of a wrong verdict, in (0, 1), for each of the two verdicts.
  public let alpha: Double

  /// What the trials so far say.
  public enum Verdict: Sendable, Hashable {
    /// The probability is above the threshold.
    case above
    /// It is below.
    case below
    /// More trials are needed.
    case open
  }

  /// The weights of the beta distribution, which prefer probabilities near the ends.
  private static let prior = 0.5
  /// By how much the logarithm must be beyond its limit, which is more than its rounding.
  private static let slack = 1e-4

  /// Creates a test.
  ///
  /// - Precondition: Both numbers are in (0, 1).
  public init(threshold: Double, alpha: Double) {
    precondition(threshold > 0 && threshold < 1, "a threshold of \(threshold)")
    precondition(alpha > 0 && alpha < 1, "an error of \(alpha)")
    (self.threshold, self.alpha) = (threshold, alpha)
  }

  /// What a number of successes among some trials says.
  public func verdict(successes: Int, of trials: Int) -> Verdict {
    precondition(0...trials ~= successes, "\(successes) of \(trials) trials")
    guard trials > 0 else { return .open }
    let failures = trials - successes
    let share = Double(successes) / Double(trials)
    let limit = -log(alpha) + Self.slack
    if share > threshold {
      return Self.logRatio(threshold, successes, failures) >= limit ? .above : .open
    }
    return Self.logRatio(1 - threshold, failures, successes) >= limit ? .below : .open
  }

  /// ln of the mixture's likelihood over that of the threshold, for the probabilities above it.
  private static func logRatio(_ threshold: Double, _ successes: Int, _ failures: Int) -> Double {
    let (a, b) = (Double(successes) + prior, Double(failures) + prior)
    let mixture =
      IncompleteBeta.logComplete(a, b) + IncompleteBeta.logAbove(threshold, a, b)
      - IncompleteBeta.logComplete(prior, prior)
      - IncompleteBeta.logAbove(threshold, prior, prior)
    let single = Double(successes) * log(threshold) + Double(failures) * log1p(-threshold)
    return mixture - single
  }
}
