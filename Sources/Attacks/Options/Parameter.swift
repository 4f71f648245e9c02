import Files

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
