import Corruptions
package import Datasets
package import Diagnosis
public import Insight
import JSON
import Models
import Robustness
package import Tensors

/// What came of a model under corruptions.
public struct CorruptionResult: Sendable {
  /// What the record calls it.
  static let verb = "corruptions"

  /// What was asked for.
  public let specification: CorruptionSpecification
  /// The words of the command that asked for it; empty if none did.
  package let command: [String]
  /// The model's accuracies.
  public let accuracies: CorruptionAccuracies
  /// The model by whose errors this one's are measured, if there is one.
  public let base: Base?
  /// The accuracies as the data drift, if that was asked for.
  public let drift: Drift?
  /// The model.
  package let subject: Subject
  /// Pictures for pages.
  package let samples: [Sample]
  package let data: Dataset
  let dataDigest: String
  /// Duration of the work, without start-up.
  package let seconds: Double
  /// What the diagnosis found.
  package let findings: [Finding]?
  let computation: Computation?

  /// Another model on the same pictures.
  public struct Base: Sendable, Hashable {
    /// What it is called.
    public let name: String
    /// Its accuracies.
    public let accuracies: CorruptionAccuracies
  }

  /// A picture and what was done to it.
  package struct Sample: Sendable {
    package let name: String
    package let picture: Tensor<Float>
  }

  /// The mean corruption error against the base, and the relative one; `nil` without a base, or where it has no error.
  public var meanErrors: (plain: Double?, relative: Double?) {
    guard let base else { return (nil, nil) }
    return (
      accuracies.meanError(against: base.accuracies),
      accuracies.meanError(against: base.accuracies, isRelative: true)
    )
  }
}

extension CorruptionResult: Encodable {
  /// The record.
  public var record: StudyRecord {
    StudyRecord(
      CorruptionResult.verb, specification,
      [
        "command": ShellWords.json(command), "model": JSONValue(subject.name),
        "model_digest": JSONValue(subject.fileDigest),
        "parameters_digest": JSONValue(subject.parametersDigest),
        "data": JSONValue(data.name), "data_digest": JSONValue(dataDigest),
        "suite": JSONValue(accuracies.suite.rawValue), "seed": JSONValue(specification.seed),
        "count": JSONValue(accuracies.clean.total),
        "clean_count": JSONValue(accuracies.clean.count),
        "clean_accuracy": JSONValue(accuracies.clean.share),
        "mean_accuracy": JSONValue(accuracies.meanAccuracy),
        "worst_of": JSONValue(specification.worstOf),
        "worst_mean_accuracy": JSONValue(accuracies.worstMeanAccuracy),
        "base": JSONValue(base?.name),
        "base_clean_accuracy": JSONValue(base?.accuracies.clean.share),
        "mean_corruption_error": JSONValue(meanErrors.plain),
        "relative_mean_corruption_error": JSONValue(meanErrors.relative),
        "corruptions": .array(accuracies.cells.map(json)),
        "errors": .array(base.map { base in accuracies.names.map { json($0, base) } } ?? []),
        "drift": JSONValue(drift.map(json)), "seconds": JSONValue(seconds),
        "warnings": DiagnosisStep.json(findings), "engine": EngineRecord.json(computation),
      ])
  }

  private func json(_ cell: CorruptionAccuracies.Cell) -> JSONValue {
    [
      "name": JSONValue(cell.name), "severity": JSONValue(cell.severity),
      "count": JSONValue(cell.right.count), "accuracy": JSONValue(cell.right.share),
      "interval": EvaluationRun.interval(cell.right),
      "worst_count": JSONValue(cell.worst?.count), "worst_accuracy": JSONValue(cell.worst?.share),
    ]
  }

  private func json(_ name: String, _ base: Base) -> JSONValue {
    [
      "name": JSONValue(name), "mean_accuracy": JSONValue(accuracies.mean(of: name)),
      "base_mean_accuracy": JSONValue(base.accuracies.mean(of: name)),
      "error": JSONValue(accuracies.error(of: name, against: base.accuracies)),
      "relative_error": JSONValue(
        accuracies.error(of: name, against: base.accuracies, isRelative: true)),
    ]
  }

  private func json(_ drift: Drift) -> JSONValue {
    [
      "classes": .array(
        drift.classes.map {
          [
            "concentration": JSONValue($0.concentration), "mean": JSONValue($0.mean),
            "low": JSONValue($0.low), "high": JSONValue($0.high), "least": JSONValue($0.least),
          ]
        }),
      "steps": .array(
        drift.steps.map {
          [
            "severity": JSONValue($0.severity), "mean": JSONValue($0.mean),
            "least": JSONValue($0.least), "worst": JSONValue($0.worst),
          ]
        }),
    ]
  }

  /// Writes the record, which is read again as a `StudyRecord`.
  public func encode(to encoder: any Encoder) throws { try record.encode(to: encoder) }
}
