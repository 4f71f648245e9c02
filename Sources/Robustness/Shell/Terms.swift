import Models
import Tensors

/// What all rows of a run have in common.
struct Terms: Sendable {
  /// The attacks, in turn.
  let stages: [Stage]
  let outputCount: Int
  /// See `BatchedModel.uncertainty`.
  let uncertainty: Double
  /// See `BatchedModel.definition`; `nil` in training too, where nothing is verified.
  let definition: (any ModelDefinition)?
  let key: RandomKey
  /// In training there is no early exit and no verification.
  let isTraining: Bool

  /// What the attacks look for, `nearest` if any of them does.
  var search: Search { stages.contains { $0.search == .nearest } ? .nearest : .largestLoss }
}

/// One attack of a cascade, with the name that its witnesses bear.
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

  var search: Search { type(of: attack).search }
  var knowledge: Knowledge { type(of: attack).knowledge }
}

/// Which attempt of which stage of a cascade.
struct Attempt: Hashable, Sendable {
  let stage: Int
  let restart: Int
}
