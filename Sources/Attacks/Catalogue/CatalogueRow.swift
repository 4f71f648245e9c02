public import Models
public import Robustness

/// What the command line, the tests and the documentation know about one attack.
public struct CatalogueRow: Sendable, CustomStringConvertible {
  /// The name on the command line.
  public let name: String

  /// What it does, in one line.
  public let summary: String

  /// The least it needs to know of the model.
  public let knowledge: Knowledge

  /// What it looks for.
  public let search: Search

  /// The norms that it is written for.
  public let norms: [Norm]

  /// Whether it also works on threats that are no balls, such as rotations: it asks nothing but the region.
  public let worksBeyondBalls: Bool

  /// The name.
  public var description: String { name }

  /// The options.
  public let parameters: [Parameter]

  /// What it promises with its standard options.
  public let guarantee: Guarantee

  /// The norms for which it promises nothing all the same.
  private let heuristicNorms: [Norm]

  /// Options with which it is quick, for tests of what every attack must do.
  public let trial: [String: String]

  private let make: @Sendable (Options) -> any Attack

  init<Kind: Attack>(
    _ summary: String, _ parameters: [Parameter], _ guarantee: Guarantee,
    norms: [Norm] = Norm.allCases, heuristicNorms: [Norm] = [], worksBeyondBalls: Bool? = nil,
    trial: [String: String] = [:],
    _ make: @escaping @Sendable (Options) -> Kind
  ) {
    name = Kind.name
    knowledge = Kind.knowledge
    search = Kind.search
    self.norms = norms
    self.heuristicNorms = heuristicNorms
    self.worksBeyondBalls =
      worksBeyondBalls ?? (Kind.search == .largestLoss && norms == Norm.allCases)
    self.trial = trial
    self.summary = summary
    self.parameters = parameters
    self.guarantee = guarantee
    self.make = make
  }

  /// What it promises in a norm.
  public func guarantee(for norm: Norm) -> Guarantee {
    heuristicNorms.contains(norm) ? .none : guarantee
  }

  /// Makes sure that the attack is written for a threat.
  ///
  /// - Throws: `AttackError` that says for which it is.
  public func check(_ threat: any ThreatModel) throws(AttackError) {
    for alternative in threat.alternatives {
      if let norm = alternative.norm {
        guard norms.contains(norm) else {
          if norms.isEmpty { throw .threat(attack: name, expected: "a threat that is no ball") }
          throw .norm(norm, attack: name, known: norms)
        }
      } else if !worksBeyondBalls {
        throw .norm(nil, attack: name, known: norms)
      }
    }
  }

  /// Builds the attack.
  ///
  /// - Parameter options: Values by the name of the option; those left out have their standard
  ///   values.
  /// - Returns: The attack.
  /// - Throws: `OptionError` for an option the attack does not have or a value out of its range.
  public func attack(_ options: [String: String] = [:]) throws(OptionError) -> any Attack {
    make(try Options(options, for: parameters, of: name))
  }
}
