/// How a plot writes its numbers.
public enum NumberStyle: Hashable, Sendable {
  /// With as many decimals as the numbers need to differ.
  case automatic

  /// With a fixed count of decimals.
  case fixed(decimals: Int)

  /// As a percentage of one, with a fixed count of decimals.
  case percent(decimals: Int)

  /// Writes one number.
  public func string(_ value: Double) -> String {
    switch self {
    case .automatic: Format.shortest(value)
    case .fixed(let decimals): Format.fixed(value, decimals: decimals)
    case .percent(let decimals): Format.percent(value, decimals: decimals)
    }
  }
}
