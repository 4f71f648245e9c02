import Networks
import Tensors

// What rounding can do to a margin.
extension Row {
  /// What a row's margins are measured against: the largest output there or at the example as it is, in units of the
  /// margin.
  private func size(at outputs: [Float]) -> Double {
    weight * outputs.reduce(cleanSize) { max($0, Double(abs($1))) }
  }

  /// Whether a search may take the goal for reached at a margin above zero: not where another order of summation could
  /// see it otherwise.
  func isBeyondRounding(_ margin: Double, _ outputs: [Float]) throws -> Bool {
    guard let definition = terms.definition else { return true }
    let size = size(at: outputs)
    if margin > Rounding.clearance * size { return true }
    return margin > min(try definition.rounding(), Rounding.clearance) * size
  }

  /// What other ways to compute the model say of an input where the exact pass reaches the goal.
  ///
  /// - Returns: `nil` if they do not confirm it.
  func rounding(
    at input: Tensor<Float>, _ margin: Double, _ outputs: [Float]
  ) throws -> Rounding? {
    guard let definition = terms.definition else { return .unverified }
    if margin > Rounding.clearance * size(at: outputs) { return .clear }
    let defined = try definition.outputs(of: input)
    let others = defined.reordered.map { outputs in
      outputs.withUnsafeBufferPointer { problem.goal.margin(of: $0) }
    }
    return Rounding(margin: problem.goal.margin(of: defined.precise), others: [margin] + others)
  }
}
