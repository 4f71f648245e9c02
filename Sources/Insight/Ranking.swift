import Models
package import JSON
package import Reports
package import Tensors

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
          "probability": JSONValue($0.probability.map { JSONValue($0) }),
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

extension BatchedModel {
  /// What the model makes of one input, by exact algorithms.
  package func ranking(of input: Tensor<Float>) async throws -> Ranking {
    let scores = try await outputs(of: .stacking([input]), isExact: true)
    return Ranking(scores: scores.scalars, areLabels: knowledge == .labels)
  }
}
