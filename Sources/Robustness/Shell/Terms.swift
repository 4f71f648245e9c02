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
