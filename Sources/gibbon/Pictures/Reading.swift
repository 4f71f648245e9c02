import Engine
import Networks
import Reports
import Tensors

/// What a network makes of one input.
struct Reading: Sendable {
  /// The class with the largest score; `nil` where the scores are not numbers.
  let label: Int?
  /// The probability that the network gives that class: the softmax of its scores.
  let confidence: Double

  init(scores: Tensor<Float>) {
    label = scores.indexOfMaximum
    let largest = label.map { Double(scores[$0]) } ?? .nan
    confidence = 1 / scores.scalars.reduce(0) { $0 + Double.exp(Double($1) - largest) }
  }

  /// Such as `7 (99.9 %)`.
  func text(_ classNames: [String]) -> String {
    guard let label else { return "not a number" }
    return "\(classNames.name(of: label)) (\(Format.percent(confidence, decimals: 1)))"
  }
}

extension [String] {
  /// The name of a class, or its number where it has none.
  func name(of label: Int) -> String { indices.contains(label) ? self[label] : String(label) }
}

extension CompiledNetwork {
  /// What the network makes of some inputs.
  func readings(of inputs: [Tensor<Float>], batch: Int = 128) async throws -> [Reading] {
    var readings: [Reading] = []
    for start in stride(from: 0, to: inputs.count, by: batch) {
      try Task.checkCancellation()
      let part = Tensor.stacking(Array(inputs[start..<Swift.min(start + batch, inputs.count)]))
      let count = part.shape.extents[0]
      let width = outputCount
      readings += try await EngineThread.shared.run {
        var scores = [Float](repeating: 0, count: count * width)
        try part.withUnsafeScalars { rows in
          try scores.withUnsafeMutableBufferPointer { scores in
            try self.evaluate(rows, count: count, outputs: scores)
          }
        }
        return (0..<count).map { row in
          Reading(
            scores: Tensor(Array(scores[row * width..<(row + 1) * width]), shape: [width]))
        }
      }
    }
    return readings
  }
}
