package import Evaluation
package import JSON
package import Reports

/// Two networks evaluated on the same examples.
package struct EvaluationPair: Sendable {
  /// The evaluation of the model.
  package let first: EvaluationRun
  /// That of the model it is compared with.
  package let second: EvaluationRun

  /// Which examples hold in which network.
  package var comparison: PairedComparison {
    PairedComparison(
      first.evaluation.verdicts.map(\.isRobust), second.evaluation.verdicts.map(\.isRobust))
  }

  /// How many examples hold where.
  package var table: Table {
    let comparison = comparison
    var table = Table(columns: [.words("robust in"), .numbers("examples")])
    table.append(texts: ["both", Format.count(comparison.both)])
    table.append(texts: ["only \(first.request.model)", Format.count(comparison.onlyFirst)])
    table.append(texts: ["only \(second.request.model)", Format.count(comparison.onlySecond)])
    table.append(texts: ["neither", Format.count(comparison.neither)])
    return table
  }

  /// The difference and how likely it would be by chance, in a sentence.
  package var verdict: String {
    let comparison = comparison
    let p = comparison.probability
    let text = p < 0.0001 ? "less than 0.0001" : Format.fixed(p, decimals: 4)
    let chance =
      "a difference as large has a probability of \(text) by chance (McNemar's exact test)"
    if comparison.onlyFirst == comparison.onlySecond {
      return "as many examples hold in one network only as in the other only; \(chance)"
    }
    let better =
      comparison.onlyFirst > comparison.onlySecond ? first.request.model : second.request.model
    return p < 0.05
      ? "\(better) is more robust: \(chance)" : "neither is clearly more robust: \(chance)"
  }

  /// The counts.
  package var json: JSONValue {
    let comparison = comparison
    return [
      "both": JSONValue(comparison.both), "only_first": JSONValue(comparison.onlyFirst),
      "only_second": JSONValue(comparison.onlySecond), "neither": JSONValue(comparison.neither),
      "probability": JSONValue(comparison.probability),
    ]
  }
}
