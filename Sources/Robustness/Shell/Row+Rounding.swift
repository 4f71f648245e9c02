import Models
import Tensors

// What rounding can do to a margin.
extension Row {
  /// What a row's margins are measured against: the largest output there or at the example as it is, in units of the
  /// margin.
  private func size(at outputs: [Float]) -> Double {
    weight * outputs.reduce(cleanSize) { max($0, Double(abs($1))) }
  }

  /// Whether a margin above zero is beyond what rounding can do, so that no other way to compute the model needs to be
  /// asked.
  func isBeyondRounding(_ margin: Double, _ outputs: [Float]) throws -> Bool {
    guard let definition = terms.definition else { return true }
    let size = size(at: outputs)
    // So rounding is not measured where no margin is that small.
    if margin > Rounding.clearance * size { return true }
    return margin > min(try definition.rounding(), Rounding.clearance) * size
  }

  /// What other ways to compute the model say of an input where the exact pass reaches the goal; `nil` if they do not
  /// confirm it, or the margin leaves it open and they are not to be asked.
  func rounding(
    at input: Tensor<Float>, _ margin: Double, _ outputs: [Float], asksDefinition: Bool
  ) throws -> Rounding? {
    guard let definition = terms.definition else { return .unverified }
    if try isBeyondRounding(margin, outputs) { return .clear }
    guard asksDefinition else { return nil }
    let defined = try definition.outputs(of: input)
    let others = defined.reordered.map { outputs in
      outputs.withUnsafeBufferPointer { problem.goal.margin(of: $0) }
    }
    return Rounding(margin: problem.goal.margin(of: defined.precise), others: [margin] + others)
  }
}
