import Robustness
import JSON
import Datasets
/// What the requests of runs have in common, which their results tell.
protocol RecordedRequest {
  var subject: Subject { get }
  var data: Dataset { get }
  var threat: ThreatReference { get }
  var seed: UInt64 { get }
  var command: [String] { get }
  var specification: (any Specification)? { get }
}

extension AttackRun.Request: RecordedRequest {}
extension EvaluationRun.Request: RecordedRequest {}

/// What a result is about, so that it can be made again: the model, the data, the threat, the seed and the command.
struct Provenance {
  /// What was asked for.
  let request: any RecordedRequest
  /// The digest of the examples as the model gets them.
  let dataDigest: String

  /// The members with which the object of a verb begins.
  func json(verb: String) -> JSONObject {
    [
      "verb": JSONValue(verb), "version": JSONValue(Version.text),
      "schema": JSONValue(StudyRecord.currentSchema),
      "specification": JSONValue(request.specification?.withoutSecrets.json),
      "model": JSONValue(request.subject.name), "data": JSONValue(request.data.name),
      "model_digest": JSONValue(request.subject.fileDigest.map { JSONValue($0) }),
      "parameters_digest": JSONValue(request.subject.parametersDigest.map { JSONValue($0) }),
      "data_digest": JSONValue(dataDigest), "command": ShellWords.json(request.command),
      "threat": JSONValue(request.threat.description), "threat_parts": request.threat.json,
      "data_range": request.data.boundsColumns ? "columns" : .null,
      "fixed_columns": .array(request.data.fixedColumns.map { JSONValue($0) }),
      "seed": JSONValue(request.seed),
    ]
  }

  /// The same as metadata of a file of changed inputs.
  var metadata: [String: String] {
    var entries = [
      "model": request.subject.name, "data": request.data.name,
      "threat": request.threat.description,
      "seed": String(request.seed), "data_digest": dataDigest,
      "version": Version.text,
    ]
    entries.merge(request.data.threatMetadata) { $1 }
    if !request.command.isEmpty { entries["command"] = ShellWords.line(request.command) }
    entries["model_digest"] = request.subject.fileDigest
    entries["parameters_digest"] = request.subject.parametersDigest
    return entries
  }
}

extension AttackRun {
  /// What the result is about.
  var provenance: Provenance { Provenance(request: request, dataDigest: dataDigest) }
}

extension EvaluationRun {
  /// What the result is about.
  var provenance: Provenance { Provenance(request: request, dataDigest: dataDigest) }
}
