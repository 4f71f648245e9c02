package import Datasets
package import Diagnosis
public import Insight
import JSON
import Models
import Robustness

/// What came of a search for cues.
public struct HansResult: Sendable {
  /// What was asked for.
  public let specification: HansSpecification
  /// The words of the command that asked for it; empty if none did.
  package internal(set) var command: [String] = []
  /// What the network is called.
  public let model: String
  /// The architecture.
  package let form: String
  let fileDigest: String?
  let parametersDigest: String?
  /// The pictures, to whose positions findings refer.
  package let data: Dataset
  /// The names of the classes.
  public let classNames: [String]
  /// How relevance was computed.
  public let relevance: String
  /// What was found, class by class.
  public let findings: [CueFindings]
  /// Duration of the search.
  public let seconds: Double
  let dataDigest: String
  let computation: Computation?
  /// What the diagnosis found.
  package internal(set) var diagnosis: [Finding]?
  /// What the demonstration measured besides, if it was one.
  public internal(set) var demonstration: HansDemonstration?

  /// All cues with their classes, that which flips most first.
  public var cues: [(label: Int, cue: FoundCue)] {
    findings.flatMap { finding in finding.cues.map { (finding.label, $0) } }
      .sorted { $1.cue.trial.flips.share < $0.cue.trial.flips.share }
  }

  /// Whether the network rides on a cue, in a sentence.
  package var verdict: String {
    let found = cues
    guard let first = found.first else {
      return "No cue was found on which the network rides in \(findings.count) classes."
    }
    let name = classNames.name(of: first.label)
    let flips = first.cue.trial.flips
    let others = found.count == 1 ? "" : " \(found.count - 1) more were found."
    return
      "The network rides on a cue of class \(name): put on \(flips.total) pictures of other classes, it makes the network"
      + " read \(flips.count) of them as \(name); the control does so with \(first.cue.trial.control.count).\(others)"
  }
}

extension HansResult: Encodable {
  /// The record of the search; of pictures it has positions and shares alone.
  public var record: StudyRecord {
    StudyRecord(
      "show hans", specification,
      [
        "model": JSONValue(model), "command": ShellWords.json(command),
        "architecture": JSONValue(form), "model_digest": JSONValue(fileDigest),
        "parameters_digest": JSONValue(parametersDigest), "data": JSONValue(data.name),
        "data_digest": JSONValue(dataDigest), "count": JSONValue(data.count),
        "seed": JSONValue(specification.seed), "relevance": JSONValue(relevance),
        "verdict": JSONValue(verdict), "seconds": JSONValue(seconds),
        "margin": JSONValue(CueTrial.margin), "false_alarms": JSONValue(CueTrial.falseAlarms),
        "classes": .array(findings.map(json)),
        "demonstration": JSONValue(demonstration.map(\.json)),
        "warnings": DiagnosisStep.json(diagnosis), "engine": EngineRecord.json(computation),
      ])
  }

  private func json(_ finding: CueFindings) -> JSONValue {
    [
      "class": JSONValue(finding.label), "name": JSONValue(classNames.name(of: finding.label)),
      "count": JSONValue(finding.count),
      "eigenvalues": .array(finding.eigenvalues.map { JSONValue($0) }),
      "whole": JSONValue(finding.whole.map(json)),
      "clusters": .array(
        finding.clusters.map { cluster in
          [
            "size": JSONValue(cluster.members.count),
            "suspicious": JSONValue(cluster.isSuspicious), "core": JSONValue(cluster.coreCount),
            "trial": JSONValue(cluster.trial.map(json)),
            "carriers": .array(cluster.carriers.map { JSONValue($0) }),
            "members": .array(cluster.members.map { JSONValue(data.index(at: $0)) }),
          ]
        }),
      "cues": .array(finding.cues.map(json)),
    ]
  }

  private func json(_ trial: CueTrial) -> JSONValue {
    [
      "pictures": JSONValue(trial.flips.total), "flips": JSONValue(trial.flips.count),
      "control": JSONValue(trial.control.count), "probability": JSONValue(trial.probability),
    ]
  }

  private func json(_ found: FoundCue) -> JSONValue {
    func share(_ proportion: Proportion) -> JSONValue {
      ["count": JSONValue(proportion.count), "total": JSONValue(proportion.total)]
    }
    return [
      "core": JSONValue(found.cue.coreCount), "touched": JSONValue(found.cue.touchedCount),
      "area_share": JSONValue(found.areaShare), "in_class": share(found.inClass),
      "in_others": share(found.inOthers), "trial": json(found.trial),
      "read_with": share(found.readWith), "read_without": share(found.readWithout),
      "relevance_share": JSONValue(found.relevanceShare),
      "relevance_share_without": JSONValue(found.relevanceShareWithout),
      "carriers": .array(found.carriers.map { JSONValue(data.index(at: $0)) }),
    ]
  }

  /// Writes the record, which is read again as a `StudyRecord`.
  public func encode(to encoder: any Encoder) throws { try record.encode(to: encoder) }
}
