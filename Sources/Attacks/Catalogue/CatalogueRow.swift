public import Models
public import Robustness

/// What the command line, the tests and the documentation know about one attack.
public struct CatalogueRow: Sendable, CustomStringConvertible {
  /// The attack.
  public let kind: any ConfigurableAttack.Type
  /// What it does, in one line.
  public let summary: String
  /// What it promises with its standard options.
  public let guarantee: Guarantee
  /// The norms for which it promises nothing all the same.
  private let heuristicNorms: [Norm]
  /// Options with which it is quick, for tests of what every attack must do.
  public let trial: [String: String]

  /// Creates a row.
  ///
  /// - Parameters:
  ///   - kind: The attack.
  ///   - summary: What it does, in one line.
  ///   - guarantee: What it promises with its standard options.
  ///   - heuristicNorms: The norms for which it promises nothing all the same.
  ///   - trial: Makes it quick.
  init<Kind: ConfigurableAttack>(
    _ kind: Kind.Type, _ summary: String, _ guarantee: Guarantee, heuristicNorms: [Norm] = [],
    trial: (inout Kind) -> Void = { _ in }
  ) {
    self.kind = kind
    self.summary = summary
    self.guarantee = guarantee
    self.heuristicNorms = heuristicNorms
    self.trial = Dictionary(
      uniqueKeysWithValues: Kind(trial).settings(stating: []).map { ($0.name, $0.text) })
  }

  /// The name on the command line.
  public var name: String { kind.name }
  /// The name.
  public var description: String { name }
  /// The least it needs to know of the model.
  public var knowledge: Knowledge { kind.knowledge }
  /// What it looks for.
  public var search: SearchKind { kind.search }
  /// The norms that it is written for.
  public var norms: [Norm] { kind.norms }
  /// Whether it also works on threats that are no balls.
  public var worksBeyondBalls: Bool { kind.worksBeyondBalls }
  /// The options.
  public var parameters: [Parameter] { kind.parameters }

  /// What it promises in a norm.
  public func guarantee(for norm: Norm) -> Guarantee {
    heuristicNorms.contains(norm) ? .none : guarantee
  }

  /// Makes sure that the attack is written for a threat.
  ///
  /// - Throws: `AttackError` that says for which it is.
  public func check(_ threat: any ThreatModel) throws(AttackError) { try kind.check(threat) }

  /// Builds the attack.
  ///
  /// - Parameter options: Values by the name of the option; those left out have their standard
  ///   values.
  /// - Returns: The attack.
  /// - Throws: `OptionError` for an option the attack does not have or a value out of its range.
  public func attack(
    _ options: [String: String] = [:]
  ) throws(OptionError) -> any ConfigurableAttack {
    try kind.init(settings: options)
  }
}

/// What an attack promises on models it should solve; its contract tests hold it to that.
public enum Guarantee: Sendable, Hashable {
  /// On affine models with two classes it finds the largest margin inside the threat, up to
  /// rounding.
  case exact
  /// On affine models with two classes its gain in margin is at least the best one divided by this
  /// factor; for attacks that look for the nearest point, its distance is at most the least one times the factor.
  case within(Double)
  /// Nothing.
  case none
}
