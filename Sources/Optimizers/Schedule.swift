import Platform

/// The learning rate over the course of training.
///
/// Rates are those in the middle of a step: step k of n is at the share (k + 1/2) / n of the training.
public enum Schedule: Hashable, Sendable, CustomStringConvertible {
  /// One rate throughout.
  case constant(rate: Double)
  /// The rate times `factor` after each of the given shares of the training, in (0, 1).
  case steps(rate: Double, at: [Double], factor: Double)
  /// From 0 up to the rate at a share `peak` of the training, in [0, 1), and down to 0 at its end.
  case cyclic(rate: Double, peak: Double)
  /// From the rate down to the floor along half a cosine.
  case cosine(rate: Double, floor: Double = 0)
  /// Along straight lines through points, at least one, in the order of their shares; as the first before it, and as the last
  /// after it. Of two points at one share the later one counts from there on.
  case linear(through: [Point])
  /// A schedule whose rates are multiplied by a factor that rises from 0 to 1 along a line during the first part of the
  /// training. The schedule's own shares stay those of the whole training.
  indirect case warmUp(over: Span, Schedule)

  /// A rate that is passed on the way.
  public struct Point: Hashable, Sendable {
    /// The share of the training, in [0, 1].
    public let share: Double
    /// The rate there, at least 0.
    public let rate: Double

    /// Creates a point.
    public init(share: Double, rate: Double) {
      self.share = share
      self.rate = rate
    }
  }

  /// A first part of the training.
  public enum Span: Hashable, Sendable, CustomStringConvertible {
    /// A share of it, in [0, 1].
    case share(Double)
    /// A number of steps, at least 0.
    case steps(Int)

    /// The part in words.
    public var description: String {
      switch self {
      case .share(let share): "\(share) of the training"
      case .steps(let steps): "\(steps) steps"
      }
    }

    /// The part as a number of steps.
    func steps(of total: Int) -> Double {
      switch self {
      case .share(let share): share * Double(total)
      case .steps(let steps): Double(steps)
      }
    }
  }

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
    case .cosine(let rate, let floor):
      return floor + (rate - floor) * (1 + cos(Double.pi * share)) / 2
    case .linear(let points):
      return Self.rate(at: share, through: points)
    case .warmUp(let span, let schedule):
      let whole = span.steps(of: total)
      let taken = Double(step) + 0.5
      return (taken < whole ? taken / whole : 1) * schedule.rate(at: step, of: total)
    }
  }

  private static func rate(at share: Double, through points: [Point]) -> Double {
    let points = points.enumerated()
      .sorted { ($0.element.share, $0.offset) < ($1.element.share, $1.offset) }.map(\.element)
    guard let first = points.first, let last = points.last else {
      preconditionFailure("a schedule through points needs one")
    }
    guard let next = points.firstIndex(where: { $0.share > share }) else { return last.rate }
    if next == 0 { return first.rate }
    let (from, to) = (points[next - 1], points[next])
    let way = (share - from.share) / (to.share - from.share)
    return from.rate + way * (to.rate - from.rate)
  }

  /// The schedule in words.
  public var description: String {
    switch self {
    case .constant(let rate): "constant \(rate)"
    case .steps(let rate, let shares, let factor): "\(rate), times \(factor) at \(shares)"
    case .cyclic(let rate, let peak): "cyclic, \(rate) at \(peak)"
    case .cosine(let rate, let floor):
      floor == 0 ? "cosine from \(rate)" : "cosine from \(rate) to \(floor)"
    case .linear(let points):
      "linear through "
        + points.map { "\($0.rate) at \($0.share)" }.joined(separator: ", ")
    case .warmUp(let span, let schedule): "\(schedule), with warm-up over \(span)"
    }
  }
}
