import Files
public import Robustness

/// What is known of an option of an attack: its name, what it takes and what it means.
public struct Parameter: Sendable, Hashable {
  /// What values an option takes.
  public enum Kind: Sendable, Hashable {
    /// An integer in a range.
    case integer(ClosedRange<Int>)
    /// A number in a range.
    case number(ClosedRange<Double>)
    /// `true` or `false`.
    case flag
    /// One of some words.
    case choice([String])
  }

  /// The name, without dashes in front, such as `step-size`.
  public let name: String

  /// The values it takes.
  public let kind: Kind

  /// The value where none is given; `nil` if the attack then finds one itself.
  public let standard: String?

  /// What it means, in one line.
  public let summary: String

  /// What the attack takes where there is no standard value, if that can be told.
  public var rule: Rule?

  /// What is expected, for messages, such as `an integer from 1 to 10`.
  public var expectation: String {
    switch kind {
    case .integer(let range): "an integer from \(range.lowerBound) to \(range.upperBound)"
    case .number(let range):
      "a number or fraction from \(range.lowerBound.plain) to \(range.upperBound.plain)"
    case .flag: "true or false"
    case .choice(let words): "one of " + words.joined(separator: ", ")
    }
  }

  /// Whether a text is a value of this option.
  func accepts(_ text: String) -> Bool {
    switch kind {
    case .integer(let range): Int(text).map(range.contains) ?? false
    case .number(let range): Parameter.number(text).map(range.contains) ?? false
    case .flag: Bool(text) != nil
    case .choice(let words): words.contains(text)
    }
  }
}

extension Parameter {
  /// A number or a fraction such as 2/255.
  public static func number(_ text: String) -> Double? {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard let numerator = Double(String(parts[0])) else { return nil }
    switch parts.count {
    case 1: return numerator
    case 2: return Double(String(parts[1])).map { numerator / $0 }
    default: return nil
    }
  }
}

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
