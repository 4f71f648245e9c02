import Models
import Tensors

/// What all rows of a run have in common.
struct RunSettings: Sendable {
  /// What a run is for.
  enum Mode: Sendable {
    /// To break examples: what attacks find is verified, and a row ends with the first that holds.
    case evaluation
    /// To leave inputs for a training: an attack runs to its end, nothing is verified, and what is outside the threat
    /// is projected.
    case training
    /// To sum up gradients for a change that many examples share: no attack runs, and nothing is verified.
    case universal
  }

  /// The attacks, in turn.
  let stages: [Stage]
  let mode: Mode
  let outputCount: Int
  /// See `BatchedModel.uncertainty`.
  let uncertainty: Double
  /// See `BatchedModel.definition`; `nil` where nothing is verified.
  let definition: (any ModelDefinition)?
  let key: RandomKey

  init(_ stages: [Stage], _ mode: Mode, model: any BatchedModel, seed: UInt64) {
    self.stages = stages
    self.mode = mode
    outputCount = model.outputCount
    uncertainty = model.uncertainty
    definition = mode == .evaluation ? model.definition : nil
    key = RandomKey(seed: seed)
  }

  /// What the attacks look for, `nearest` if any of them does.
  var search: SearchKind {
    stages.contains { $0.search == .minimumNorm } ? .minimumNorm : .maximumLoss
  }
}

/// One attack of a cascade, with the name that its adversarial examples bear.
public struct Stage: Sendable {
  /// The name; it also keys the randomness, so that two forms of one attack draw differently.
  public let name: String

  /// The attack.
  public let attack: any Attack

  /// Creates a stage.
  ///
  /// - Parameters:
  ///   - attack: The attack.
  ///   - name: The name; that of the attack by default.
  public init(_ attack: any Attack, named name: String? = nil) {
    self.attack = attack
    self.name = name ?? type(of: attack).name
  }

  var search: SearchKind { type(of: attack).search }
  var knowledge: Knowledge { type(of: attack).knowledge }
  /// How often it is run on an example, at least once.
  var restarts: Range<Int> { 0..<max(1, attack.restarts) }
}

/// Which attempt of which stage of a cascade.
struct Attempt: Hashable, Sendable {
  let stage: Int
  let restart: Int

  static let first = Attempt(stage: 0, restart: 0)
}
