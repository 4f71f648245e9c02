/// A training method as recipes name it.
public struct MethodRow: Sendable {
  /// The name.
  public let name: String
  /// What is trained on, in a few words.
  public let summary: String
  /// What it needs to know of an adversary.
  public let needs: Needs
  /// Its options.
  public let options: [MethodOption]
  /// Whether it minimises a bound, so that verified accuracy is what it is measured by.
  public let isCertified: Bool
  let make: @Sendable (MethodRequest) throws -> any TrainingMethod

  /// What a method needs to know of an adversary.
  public enum Needs: Sendable, Hashable {
    /// There is none.
    case nothing
    /// The threat and the attack.
    case attack
    /// The threat; it searches by itself.
    case threat
    /// The radius of an L-infinity ball; it searches by itself.
    case cube
    /// The threat, whose smallest box is bounded; it has no attack.
    case box
  }

  init(
    _ name: String, _ summary: String, needs: Needs, options: [MethodOption] = [],
    isCertified: Bool = false,
    make: @escaping @Sendable (MethodRequest) throws -> any TrainingMethod
  ) {
    (self.name, self.summary, self.needs, self.options) = (name, summary, needs, options)
    self.isCertified = isCertified
    self.make = make
  }
}

/// A number, or in few cases a text, that a method depends on.
public struct MethodOption: Sendable, Hashable {
  /// The name.
  public let name: String
  /// What it is if nobody says; `nil` where it follows from others.
  public let standard: Double?
  /// The values that it may have.
  public let range: ClosedRange<Double>
  /// Whether it is a whole number.
  public let isInteger: Bool
  /// Whether it is a text, which has no range.
  public let isText: Bool
  /// What it is.
  public let summary: String

  static func number(
    _ name: String, _ standard: Double?, _ range: ClosedRange<Double>, _ summary: String
  ) -> Self {
    Self(
      name: name, standard: standard, range: range, isInteger: false, isText: false,
      summary: summary)
  }

  static func integer(
    _ name: String, _ standard: Double, _ range: ClosedRange<Double>, _ summary: String
  ) -> Self {
    Self(
      name: name, standard: standard, range: range, isInteger: true, isText: false, summary: summary
    )
  }

  static func text(_ name: String, _ summary: String) -> Self {
    Self(
      name: name, standard: nil, range: 0...0, isInteger: false, isText: true, summary: summary)
  }

  static let intervals =
    [number("kappa", 0.5, 0...1, "weight of the natural loss at the end")] + course

  /// What all methods of interval bounds depend on.
  static let course = [
    number("warm-up", 0.02, 0...1, "share of the training before the box grows"),
    number("ramp", 0.4, 0...1, "share of the training at which the box is whole"),
    number("penalty", 0.5, 0...1e6, "weight of the penalties of wide intervals"),
    number("l1", 0, 0...1e6, "weight of the sum of the weights' magnitudes"),
  ]

  /// What the attack beside interval bounds depends on.
  static let search = [
    integer("steps", 8, 1...10_000, "steps of the attack"),
    number("step", nil, 0...100, "length of a step, in radii; 2.5 / steps by default"),
  ]

  static let steps = integer("steps", 10, 1...10_000, "steps of its search")
  static let stepSize = number(
    "step-size", nil, 0...1e6, "length of a step; 2.5 radii divided by the steps by default")
  static let noise = number(
    "noise", 0.001, 0...1e6, "standard deviation of the noise that the search begins with")

  func value(of text: String) -> Double? {
    guard let value = Double(text), range.contains(value),
      !isInteger || value.rounded() == value
    else { return nil }
    return value
  }
}
