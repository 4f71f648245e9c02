import Files
import Robustness

/// One option of an attack on the command line.
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

  static func steps(_ standard: Int) -> Parameter {
    Parameter(
      name: "steps", kind: .integer(1...1_000_000), standard: "\(standard)",
      summary: "number of steps")
  }

  /// The length of a step, which attacks otherwise choose by the radius.
  static func stepSize(_ rule: Rule) -> Parameter {
    Parameter(
      name: "step-size", kind: .number(0...1e30), standard: nil,
      summary: "length of a step in the threat's norm", rule: rule)
  }

  /// The same whatever the rule, to read its value.
  static let stepSize = stepSize(.words(""))

  static let restarts = Parameter(
    name: "restarts", kind: .integer(1...1_000_000), standard: "1",
    summary: "attempts on each example that is not broken yet")

  static func randomStart(_ standard: Bool) -> Parameter {
    Parameter(
      name: "random-start", kind: .flag, standard: "\(standard)",
      summary: "begin at a random point of the threat")
  }

  static let momentum = Parameter(
    name: "momentum", kind: .number(0...10), standard: "0.0",
    summary: "share of past gradients kept at each step")

  /// When searches that are too slow are given up.
  static let patience = Parameter(
    name: "patience", kind: .integer(0...1_000_000), standard: "0",
    summary:
      "steps after which, again and again, searches that are too slow are given up; 0 for never")

  static let objective = objective(standard: .crossEntropy)
  static let marginObjective = objective(standard: .margin)

  /// Which loss is climbed.
  ///
  /// - Parameters:
  ///   - standard: The loss where none is named; `nil` if the attack then chooses one itself.
  ///   - rule: What the attack then chooses.
  /// - Returns: The option.
  static func objective(standard: Loss?, rule: Rule? = nil) -> Parameter {
    Parameter(
      name: "objective", kind: .choice(Loss.allCases.map(\.rawValue)),
      standard: standard?.rawValue, summary: "what to maximise", rule: rule)
  }

  static let samples = Parameter(
    name: "samples", kind: .integer(1...1_000_000), standard: "1", summary: "number of draws")
}
