import Datasets
import JSON
import Robustness

/// What a result is about, so that it can be made again: the model, the data, the threat, the seed and the command.
struct Provenance {
  let subject: Subject
  let data: Dataset
  /// The digest of the examples as the model gets them.
  let dataDigest: String
  let threat: ThreatReference
  let seed: UInt64
  /// The command that asks for it, if one does.
  let command: [String]
  /// What was asked for, where it was one specification.
  let specification: JSONValue

  /// The members with which the object of a verb begins.
  func json(verb: String) -> JSONObject {
    [
      "verb": JSONValue(verb), "version": JSONValue(Version.text),
      "schema": JSONValue(StudyRecord.currentSchema), "specification": specification,
      "model": JSONValue(subject.name), "data": JSONValue(data.name),
      "model_digest": JSONValue(subject.fileDigest.map { JSONValue($0) }),
      "parameters_digest": JSONValue(subject.parametersDigest.map { JSONValue($0) }),
      "data_digest": JSONValue(dataDigest), "command": ShellWords.json(command),
      "threat": JSONValue(threat.description), "threat_parts": threat.json,
      "data_range": data.boundsColumns ? "columns" : .null,
      "fixed_columns": .array(data.fixedColumns.map { JSONValue($0) }),
      "seed": JSONValue(seed),
    ]
  }

  /// The same as metadata of a file of changed inputs.
  var metadata: [String: String] {
    var entries = [
      "model": subject.name, "data": data.name, "threat": threat.description,
      "seed": String(seed), "data_digest": dataDigest,
      "version": Version.text,
    ]
    entries.merge(data.threatMetadata) { $1 }
    if !command.isEmpty { entries["command"] = ShellWords.line(command) }
    entries["model_digest"] = subject.fileDigest
    entries["parameters_digest"] = subject.parametersDigest
    return entries
  }
}

extension AttackRun {
  /// What the result is about.
  var provenance: Provenance {
    Provenance(
      subject: request.subject, data: request.data, dataDigest: dataDigest,
      threat: request.threat, seed: request.seed, command: request.command,
      specification: request.specification)
  }
}

extension EvaluationRun {
  /// What the result is about.
  var provenance: Provenance {
    Provenance(
      subject: request.subject, data: request.data, dataDigest: dataDigest,
      threat: request.threat, seed: request.seed, command: request.command,
      specification: request.specification)
  }
}
