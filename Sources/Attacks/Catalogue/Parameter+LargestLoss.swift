extension Parameter {
  static func targets(_ standard: Int) -> Parameter {
    Parameter(
      name: "target-classes", kind: .integer((standard == 0 ? 0 : 1)...1_000_000),
      standard: "\(standard)",
      summary: "most classes to aim at, one after the other"
        + (standard == 0 ? "; 0 to climb away from the label" : ""))
  }

  static let giveUp = Parameter(
    name: "give-up", kind: .flag, standard: "false",
    summary: "give up targets that would not be reached at four times their pace")

  static func decay(_ standard: Double) -> Parameter {
    Parameter(
      name: "decay", kind: .number(0...10), standard: "\(standard)",
      summary: "share of past gradients kept at each step")
  }

  static func probability(_ standard: Double) -> Parameter {
    Parameter(
      name: "probability", kind: .number(0...1), standard: "\(standard)",
      summary: "probability that a gradient is taken at another input")
  }

  static let leastSize = Parameter(
    name: "least-size", kind: .number(0.01...1), standard: "0.9",
    summary: "least size of a smaller picture, as a share")

  static let kernelRadius = Parameter(
    name: "kernel-radius", kind: .integer(0...1000), standard: "7",
    summary: "how many pixels gradients are smoothed over, to each side")

  static let neighbours = Parameter(
    name: "samples", kind: .integer(1...1_000_000), standard: "20",
    summary: "number of neighbours around each point")

  static let spread = Parameter(
    name: "spread", kind: .number(0...1e6), standard: "1.5",
    summary: "how far neighbours are, in radii")

  static let randomStep = Parameter(
    name: "random-step", kind: .number(0...1e30), standard: nil,
    summary: "length of the random step in the threat's norm", rule: .radii(0.5))

  static let stepShare = Parameter(
    name: "share", kind: .number(0...1), standard: nil,
    summary: "share of the way to the best point that each step goes",
    rule: .words("2 / (t + 2) in step t, from 0"))

  static let gradientMomentum = Parameter(
    name: "momentum", kind: .number(0...0.999_999), standard: "0.0",
    summary: "share of past gradients in the mean that steps follow")
}
