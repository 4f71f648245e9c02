import Engine
import Models
import Networks
import Tensors

extension CompiledNetwork {
  /// The scores of some rows, run on the engine thread.
  func scores(of rows: Tensor<Float>) throws -> Tensor<Float> {
    try EngineThread.shared.sync { () throws in try self.evaluate(rows) }
  }

  /// The scores of some rows and the gradient of the sum over the rows of their cross-entropies.
  func crossEntropyGradient(
    of rows: Tensor<Float>, labels: [Int]
  ) throws -> (scores: Tensor<Float>, gradient: Tensor<Float>) {
    let answer = try EngineThread.shared.sync { () throws in
      try self.differentiate(rows) { scores in
        .stacking(
          labels.enumerated().map { row, label in
            Tensor(
              crossEntropyDerivative(scores.row(row).scalars, label: label),
              shape: [scores.shape[1]])
          })
      }
    }
    return (answer.outputs, answer.gradients)
  }
}

/// The derivative of a row's cross-entropy with respect to its scores: softmax minus the label.
func crossEntropyDerivative(_ scores: [Float], label: Int) -> [Float] {
  let largest = Double(scores.max() ?? 0)
  let terms = scores.map { Double.exp(Double($0) - largest) }
  let sum = terms.reduce(0, +)
  return terms.enumerated().map { Float($1 / sum - ($0 == label ? 1 : 0)) }
}
