// The options of attacks that see outputs or labels only.

import Robustness

extension Parameter {
  /// The budget of an attack that asks one point after the other.
  static func queries(_ standard: Int) -> Parameter {
    Parameter(
      name: "queries", kind: .integer(1...100_000_000), standard: "\(standard)",
      summary: "the most forward passes that one attempt on an example costs, checks included")
  }

  static let windowShare = Parameter(
    name: "share", kind: .number(0.000_001...1), standard: "0.8",
    summary: "share of the picture that the first window covers (p)")

  /// The loss of an attack that otherwise chooses one itself, by the goal.
  static let scoredObjective = objective(
    standard: nil, rule: .words("margin; cross-entropy towards a target class"))

  /// The same where the cross-entropy is the method's own.
  static let scoredCrossEntropy = objective(standard: nil, rule: .words("cross-entropy"))

  static func directions(_ standard: Int) -> Parameter {
    Parameter(
      name: "samples", kind: .integer(1...1_000_000), standard: "\(standard)",
      summary: "number of directions of one step")
  }

  static func spread(_ standard: Double?) -> Parameter {
    Parameter(
      name: "spread", kind: .number(1e-30...1e30), standard: standard.map { "\($0)" },
      summary: "length of the differences that slopes are estimated from",
      rule: standard == nil ? .byNorm(infinity: 0.1, others: 0.01) : nil)
  }

  static func momentum(_ standard: Double) -> Parameter {
    Parameter(
      name: "momentum", kind: .number(0...1), standard: "\(standard)",
      summary: "share of past gradients kept at each step")
  }

  static func learningRate(_ standard: Double?) -> Parameter {
    Parameter(
      name: "learning-rate", kind: .number(0...1e30), standard: standard.map { "\($0)" },
      summary: "how fast it learns",
      rule: standard == nil ? .byNorm(infinity: 100, others: 0.1) : nil)
  }

  static let basisStep = Parameter(
    name: "step-size", kind: .number(0...1e30), standard: "0.2",
    summary: "length of a step along a direction")

  static let basis = Parameter(
    name: "basis", kind: .choice(SimBA.Basis.allCases.map(\.rawValue)),
    standard: SimBA.Basis.pixel.rawValue,
    summary: "directions: single values, or cosines over the picture")

  static let frequencies = Parameter(
    name: "frequencies", kind: .number(0...1), standard: "0.5",
    summary: "share of the frequencies, down and across, that cosines have")

  static let searches = Parameter(
    name: "searches", kind: .integer(1...100), standard: "6",
    summary: "number of constants that are tried")

  static let coordinates = Parameter(
    name: "coordinates", kind: .integer(1...1_000_000), standard: "128",
    summary: "number of values changed in one step")

  static let constant = Parameter(
    name: "constant", kind: .number(1e-30...1e30), standard: "0.1",
    summary: "the first weight of the goal against the distance (c)")

  static let tile = Parameter(
    name: "tile", kind: .integer(1...1_000_000), standard: "4",
    summary: "side of the squares that change together")

  static let exploration = Parameter(
    name: "exploration", kind: .number(1e-30...1e30), standard: nil,
    summary: "size of the noise added to what is believed",
    rule: .byNorm(infinity: 1, others: 0.01))
}

extension Options {
  /// The standard loss, if one was chosen.
  var chosenLoss: Loss? { word(.scoredObjective).flatMap { Loss(rawValue: $0) } }
}
