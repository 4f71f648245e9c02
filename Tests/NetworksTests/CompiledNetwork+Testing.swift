import Engine
import Networks
import Tensors

extension CompiledNetwork {
  /// The scores of some rows, run on the engine thread.
  func scores(of rows: Tensor<Float>) throws -> Tensor<Float> {
    let count = rows.shape[0]
    return try EngineThread.shared.sync { () throws(EngineError) in
      var scores = [Float](repeating: .nan, count: count * self.outputCount)
      try withBuffers(rows.scalars, &scores) { rows, scores throws(EngineError) in
        try self.evaluate(rows, count: count, outputs: scores)
      }
      return Tensor(scores, shape: [count, self.outputCount])
    }
  }

  /// The scores of some rows and the gradient of the sum over the rows of their cross-entropies.
  func crossEntropyGradient(
    of rows: Tensor<Float>, labels: [Int]
  ) throws -> (scores: Tensor<Float>, gradient: Tensor<Float>) {
    let count = rows.shape[0]
    return try EngineThread.shared.sync { () throws(EngineError) in
      let classes = self.outputCount
      var scores = [Float](repeating: .nan, count: count * classes)
      var gradient = [Float](repeating: .nan, count: rows.count)
      try withBuffers(rows.scalars, &scores) { rows, scores throws(EngineError) in
        try withBuffers([], &gradient) { _, gradient throws(EngineError) in
          try self.differentiate(rows, count: count, outputs: scores, gradients: gradient) {
            found, cotangents in
            for row in 0..<count {
              let range = row * classes..<(row + 1) * classes
              let derivative = crossEntropyDerivative(Array(found[range]), label: labels[row])
              for (index, value) in zip(range, derivative) { cotangents[index] = value }
            }
          }
        }
      }
      return (Tensor(scores, shape: [count, classes]), Tensor(gradient, shape: rows.shape))
    }
  }
}

/// The derivative of a row's cross-entropy with respect to its scores: softmax minus the label.
func crossEntropyDerivative(_ scores: [Float], label: Int) -> [Float] {
  let largest = Double(scores.max() ?? 0)
  let terms = scores.map { Double.exp(Double($0) - largest) }
  let sum = terms.reduce(0, +)
  return terms.enumerated().map { Float($1 / sum - ($0 == label ? 1 : 0)) }
}

/// Lends the memory of two arrays to code that throws one kind of error.
private func withBuffers<Failure: Error>(
  _ source: [Float], _ target: inout [Float],
  _ body: (UnsafeBufferPointer<Float>, UnsafeMutableBufferPointer<Float>) throws(Failure) -> Void
) throws(Failure) {
  let result = source.withUnsafeBufferPointer { source in
    target.withUnsafeMutableBufferPointer { target in
      Result { () throws(Failure) in try body(source, target) }
    }
  }
  try result.get()
}
