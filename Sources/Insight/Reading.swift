import Engine
import Reports
package import Robustness
package import Tensors

/// What a model makes of one input.
package struct Reading: Sendable {
  /// The class with the largest score; `nil` where the scores are not numbers.
  package let label: Int?
  /// The probability that the model gives that class: the softmax of its scores, unless they are probabilities.
  package let confidence: Double
  /// Whether the model says nothing but the class.
  let isLabel: Bool

  package init(scores: Tensor<Float>, isLabel: Bool = false) {
    label = scores.indexOfMaximum
    let largest = label.map { Double(scores[$0]) } ?? .nan
    let values = scores.scalars.map(Double.init)
    let areProbabilities =
      values.allSatisfy { $0 >= 0 } && abs(values.reduce(0, +) - 1) < 1e-3
    confidence =
      areProbabilities ? largest : 1 / values.reduce(0) { $0 + Double.exp($1 - largest) }
    self.isLabel = isLabel
  }

  /// Such as `7 (99.9 %)`.
  package func text(_ classNames: [String]) -> String {
    guard let label else { return "not a number" }
    let name = classNames.name(of: label)
    return isLabel ? name : "\(name) (\(Format.percent(confidence, decimals: 1)))"
  }
}

extension [String] {
  /// The name of a class, or its number where it has none.
  package func name(of label: Int) -> String {
    indices.contains(label) ? self[label] : String(label)
  }

  /// The class that occurs most often among some labels, and how often; a dash for none.
  package func mostOften(_ labels: [Int?]) -> String {
    var seen: [Int: Int] = [:]
    for case let label? in labels { seen[label, default: 0] += 1 }
    guard let most = seen.max(by: { ($0.value, -$0.key) < ($1.value, -$1.key) }) else { return "–" }
    let times = most.value == 1 ? "once" : "\(Format.count(most.value)) times"
    return "\(name(of: most.key)) (\(times))"
  }
}

extension BatchedModel {
  /// What the model makes of some inputs.
  package func readings(of inputs: [Tensor<Float>], batch: Int = 128) async throws -> [Reading] {
    var readings: [Reading] = []
    for start in stride(from: 0, to: inputs.count, by: batch) {
      try Task.checkCancellation()
      let part = Tensor.stacking(Array(inputs[start..<Swift.min(start + batch, inputs.count)]))
      let count = part.shape.extents[0]
      let width = outputCount
      let isLabel = knowledge == .labels
      readings += try await EngineThread.shared.run {
        var scores = [Float](repeating: 0, count: count * width)
        try part.withUnsafeScalars { rows in
          try scores.withUnsafeMutableBufferPointer { scores in
            try self.evaluate(rows, count: count, outputs: scores)
          }
        }
        return (0..<count).map { row in
          Reading(
            scores: Tensor(Array(scores[row * width..<(row + 1) * width]), shape: [width]),
            isLabel: isLabel)
        }
      }
    }
    return readings
  }
}
