public import Robustness

extension Parameter {
  /// What an attack takes for a number that nobody gave.
  public enum Rule: Sendable, Hashable {
    /// So many radii of the threat, divided among the steps.
    case radiiPerStep(Double)
    /// So many radii of the threat.
    case radii(Double)
    /// So many radii in L-infinity, and so many elsewhere.
    case radiiByNorm(infinity: Double, others: Double)
    /// A number in L-infinity, and another elsewhere.
    case byNorm(infinity: Double, others: Double)
    /// None of these: how it is found.
    case words(String)

    /// The rule in words, for the option's help.
    public var words: String {
      switch self {
      case .radiiPerStep(1): "the radius / steps"
      case .radiiPerStep(let factor): "\(Rule.text(factor)) × the radius / steps"
      case .radii(let factor): "\(Rule.text(factor)) × the radius"
      case .radiiByNorm(let infinity, let others):
        "\(Rule.text(infinity)) × the radius in linf, \(Rule.text(others)) × the radius elsewhere"
      case .byNorm(let infinity, let others):
        "\(Rule.text(infinity)) in linf, \(Rule.text(others)) elsewhere"
      case .words(let words): words
      }
    }

    /// The number for a threat; `nil` where words alone say how it is found.
    ///
    /// - Parameters:
    ///   - radius: The radius of the threat; of several parts, whose sizes are shares of their own, 1.
    ///   - norm: The norm of the threat, if it is a ball.
    ///   - steps: The number of steps.
    /// - Returns: The number.
    public func value(radius: Double, norm: Norm?, steps: Int) -> Double? {
      switch self {
      case .radiiPerStep(let factor): factor * radius / Double(max(steps, 1))
      case .radii(let factor): factor * radius
      case .radiiByNorm(let infinity, let others):
        (norm == .infinity ? infinity : others) * radius
      case .byNorm(let infinity, let others): norm == .infinity ? infinity : others
      case .words: nil
      }
    }

    private static func text(_ number: Double) -> String {
      number == number.rounded() ? "\(Int(number))" : "\(number)"
    }
  }
}
