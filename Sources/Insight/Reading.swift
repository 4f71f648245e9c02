package import JSON
import Models
package import Reports
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

  /// What the model makes of one input, by exact algorithms.
  package func ranking(of input: Tensor<Float>) async throws -> Ranking {
    let scores = try await outputs(of: .stacking([input]), isExact: true)
    return Ranking(scores: scores.scalars, areLabels: knowledge == .labels)
  }
}

/// What a model makes of one input: all classes with their probabilities, the likeliest first.
package struct Ranking: Sendable {
  /// A class and the probability that the model gives it, if it gives any.
  package struct Entry: Sendable {
    /// The class.
    package let label: Int
    /// Its probability, 0 to 1.
    package let probability: Double?
  }

  /// The classes; empty where the scores are not numbers, and one where the model says nothing but a label.
  package let entries: [Entry]

  /// The softmax of scores, unless they are probabilities; a single score is the logit of class 1 against class 0.
  package init(scores: [Float], areLabels: Bool = false) {
    if areLabels {
      entries = scores.firstIndex(of: 1).map { [Entry(label: $0, probability: nil)] } ?? []
      return
    }
    guard let largest = scores.max(), scores.allSatisfy({ !$0.isNaN }), largest.isFinite else {
      entries = []
      return
    }
    if scores.count > 1, scores.allSatisfy({ $0 >= 0 }), abs(scores.reduce(0, +) - 1) < 1e-3 {
      entries = Ranking.sorted(scores.map(Double.init))
      return
    }
    let logits = scores.count == 1 ? [0, Double(scores[0])] : scores.map(Double.init)
    entries = Ranking.sorted(LogSumExp(logits).probabilities)
  }

  private static func sorted(_ probabilities: [Double]) -> [Entry] {
    probabilities.enumerated().sorted { ($1.element, $0.offset) < ($0.element, $1.offset) }
      .map { Entry(label: $0.offset, probability: $0.element) }
  }

  /// The likeliest class.
  package var label: Int? { entries.first?.label }

  /// The probability of a class; `nil` where the model gives none.
  package func probability(of label: Int) -> Double? {
    entries.first { $0.label == label }?.probability
  }

  /// The first class such as `gibbon (99.3 %)`.
  package func text(_ names: [String]) -> String {
    guard let first = entries.first else { return "not a number" }
    let name = names.name(of: first.label)
    return first.probability.map { "\(name) (\(Ranking.percent($0)))" } ?? name
  }

  /// The first classes, as objects for results.
  package func json(_ names: [String], top: Int) -> JSONValue {
    .array(
      entries.prefix(top).map {
        [
          "label": JSONValue($0.label), "name": JSONValue(names.name(of: $0.label)),
          "probability": JSONValue($0.probability),
        ]
      })
  }

  /// A probability with one decimal; empty where there is none.
  package static func percent(_ share: Double?) -> String {
    share.map { Format.percent($0, decimals: 1) } ?? ""
  }

  /// The first classes of one ranking or of two, side by side.
  package static func table(
    _ columns: [(title: String, ranking: Ranking)], _ names: [String], top: Int
  )
    -> Table
  {
    var table = Table(
      columns: columns.flatMap { column in [.words(column.title), .numbers("")] })
    let rows = columns.map { min(top, $0.ranking.entries.count) }.max() ?? 0
    for row in 0..<rows {
      table.append(
        texts: columns.flatMap { column -> [String] in
          guard row < column.ranking.entries.count else { return ["", ""] }
          let entry = column.ranking.entries[row]
          return [names.name(of: entry.label), percent(entry.probability)]
        })
    }
    return table
  }
}
