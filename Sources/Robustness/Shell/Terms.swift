import Tensors

/// What all rows of a run have in common.
struct Terms: Sendable {
  let attack: any Attack
  let outputCount: Int
  /// See `BatchedModel.uncertainty`.
  let uncertainty: Double
  let key: RandomKey
  /// In training there is no early exit and no verification.
  let isTraining: Bool

  var attackName: String { type(of: attack).name }
  var search: Search { type(of: attack).search }
  var knowledge: Knowledge { type(of: attack).knowledge }
}
