/// Where the numbers that a player chooses may lie.
public enum Domain: Sendable, Hashable, Codable {
  /// Anywhere.
  case unbounded
  /// At or above zero with the sum 1: the probabilities of actions.
  case simplex
  /// Between two limits, the same for each number.
  case interval(ClosedRange<Double>)

  /// The nearest point of the domain, by the Euclidean distance.
  ///
  /// On the simplex by sorting (Held, Wolfe and Crowder, 1974): n log n operations.
  public func projection(of choice: [Double]) -> [Double] {
    switch self {
    case .unbounded: return choice
    case .interval(let range):
      return choice.map { min(max($0, range.lowerBound), range.upperBound) }
    case .simplex:
      var (sum, shift) = (0.0, 0.0)
      for (count, value) in choice.sorted(by: >).enumerated() {
        sum += value
        let level = (sum - 1) / Double(count + 1)
        if value > level { shift = level }
      }
      return choice.map { max($0 - shift, 0) }
    }
  }

  /// A point in the middle: zero, equal probabilities, or the middle of the interval.
  public func center(size: Int) -> [Double] {
    switch self {
    case .unbounded: [Double](repeating: 0, count: size)
    case .simplex: [Double](repeating: 1 / Double(size), count: size)
    case .interval(let range):
      [Double](repeating: range.lowerBound / 2 + range.upperBound / 2, count: size)
    }
  }
}
