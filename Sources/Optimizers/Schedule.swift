import Platform

/// The learning rate over the course of training.
public enum Schedule: Hashable, Sendable, CustomStringConvertible {
  /// One rate throughout.
  case constant(rate: Double)
  /// The rate times `factor` after each of the given shares of the training, in (0, 1).
  case steps(rate: Double, at: [Double], factor: Double)
  /// From 0 up to the rate at a share `peak` of the training, in [0, 1), and down to 0 at its end.
  case cyclic(rate: Double, peak: Double)
  /// From the rate down to 0 along half a cosine.
  case cosine(rate: Double)

  /// The rate of a step.
  ///
  /// - Parameters:
  ///   - step: The number of steps before.
  ///   - total: The number of steps of the whole training.
  /// - Returns: The learning rate, at least 0.
  public func rate(at step: Int, of total: Int) -> Double {
    // The middle of the step, so that a rise from 0 does not waste the first step.
    let share = (Double(step) + 0.5) / Double(max(total, 1))
    switch self {
    case .constant(let rate):
      return rate
    case .steps(let rate, let shares, let factor):
      return shares.reduce(rate) { $1 <= share ? $0 * factor : $0 }
    case .cyclic(let rate, let peak):
      return rate * (share < peak ? share / peak : (1 - share) / (1 - peak))
    case .cosine(let rate):
      return rate * (1 + cos(Double.pi * share)) / 2
    }
  }

  /// The schedule in words.
  public var description: String {
    switch self {
    case .constant(let rate): "constant \(rate)"
    case .steps(let rate, let shares, let factor): "\(rate), times \(factor) at \(shares)"
    case .cyclic(let rate, let peak): "cyclic, \(rate) at \(peak)"
    case .cosine(let rate): "cosine from \(rate)"
    }
  }
}
