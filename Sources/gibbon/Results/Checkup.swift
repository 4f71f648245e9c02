import Datasets
import Diagnosis
import Networks
import Reports
import Tensors

/// The examination of a model and its data that goes with every run.
enum Checkup {
  /// Examines a network on some examples of a data set, spread over all of it.
  static func perform(
    _ network: Network, _ model: CompiledNetwork, on data: Dataset
  ) async throws -> Examination {
    let count = min(data.count, Examination.exampleCount(ofSize: data.exampleShape.count))
    let positions = (0..<count).map { $0 * data.count / count }
    guard data.targetKind == .classes else {
      return try await Examination.performWithoutClasses(
        on: model, network: network, inputs: try data.inputs(at: positions),
        areDecisions: data.targetKind == .multiLabel)
    }
    return try await Examination.perform(
      on: model, network: network, inputs: try data.inputs(at: positions),
      labels: data.labels(at: positions))
  }

  /// Says on standard error what was found.
  static func warn(_ findings: [Finding]) {
    for finding in findings { Terminal.warning(finding.description) }
  }

  /// What was found, for results.
  static func json(_ findings: [Finding]) -> JSONValue {
    .array(
      findings.map {
        [
          "kind": JSONValue($0.kind.rawValue), "evidence": JSONValue($0.evidence),
          "mend": JSONValue($0.mend),
        ]
      })
  }
}
