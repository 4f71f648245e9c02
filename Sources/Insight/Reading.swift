import Models
import Reports
package import Tensors

/// What a model makes of one input.
package struct Reading: Sendable {
  /// The class with the largest score; `nil` where the scores are not numbers.
  package let label: Int?
  /// The probability that the model gives that class: the softmax of its scores, unless they are probabilities.
  package let confidence: Double
  /// Whether the model says nothing but the class.
  let isLabel: Bool

  /// Reads the scores of one input; `isLabel` where they say nothing but the class.
  package init(scores: Tensor<Float>, isLabel: Bool = false) {
    label = scores.indexOfMaximum
    let values = scores.scalars.map(Double.init)
    let areProbabilities =
      values.allSatisfy { $0 >= 0 } && abs(values.reduce(0, +) - 1) < 1e-3
    let softmax = LogSumExp(values)
    confidence = areProbabilities ? softmax.largest : 1 / softmax.sum
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
  package func readings(of inputs: [Tensor<Float>]) async throws -> [Reading] {
    let scores = try await outputs(count: inputs.count) { .stacking(Array(inputs[$0])) }
    return inputs.indices.map {
      Reading(scores: scores.row($0), isLabel: knowledge == .labels)
    }
  }
}
