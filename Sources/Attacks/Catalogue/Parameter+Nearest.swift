// Options of attacks that look for the nearest point.
extension Parameter {
  static func nearestTargets(_ standard: Int) -> Parameter {
    Parameter(
      name: "target-classes", kind: .integer(0...1_000_000), standard: "\(standard)",
      summary: "how many of the nearest classes are attacked one by one; 0 for all at once")
  }

  static let rivals = Parameter(
    name: "rivals", kind: .integer(1...1_000_000), standard: "9",
    summary: "how many of the nearest classes are compared at each step")

  static let reach = Parameter(
    name: "reach", kind: .number(0...1e30), standard: "0.0",
    summary: "radii from which on a class is too far away to be attacked further; 0 for never")

  static let overshoot = Parameter(
    name: "overshoot", kind: .number(0...1e6), standard: "0.02",
    summary: "share by which the move is made longer")

  static let goalWeights = Parameter(
    name: "constants", kind: .integer(1...1000), standard: "9",
    summary: "how many weights of the goal are tried")

  static func goalWeight(_ standard: String) -> Parameter {
    Parameter(
      name: "constant", kind: .number(1e-30...1e30), standard: standard,
      summary: "the first weight of the goal")
  }

  static func adamRate(_ standard: String) -> Parameter {
    Parameter(
      name: "rate", kind: .number(1e-30...1e30), standard: standard,
      summary: "rate of the optimiser")
  }

  static let confidence = Parameter(
    name: "confidence", kind: .number(0...1e30), standard: "0.0",
    summary: "the margin by which the goal is to be reached")

  static let sparsity = Parameter(
    name: "sparsity", kind: .number(0...1e30), standard: "0.01",
    summary: "weight of the sum of magnitudes")
}
