package import Datasets
package import Diagnosis
package import JSON
package import Models
import Networks
import Reports
package import Tensors

/// The diagnosis of a model and its data that goes with every run.
package enum DiagnosisStep {
  /// What a diagnosis found, and of how many examples it was made.
  package struct Report: Sendable {
    /// What the network does with some of the examples.
    package let diagnosis: ModelDiagnosis
    /// How many examples there are.
    package let total: Int
    /// What the examples' values are.
    package let values: ValueRange
    /// What the columns of a table suffer from, where one radius is to fit all of them.
    package var columns: Finding?

    /// All that seems wrong.
    package var findings: [Finding] { diagnosis.findings + (columns.map { [$0] } ?? []) }

    /// Of how many of the examples it was made, in words.
    package var extent: String {
      let count = diagnosis.count
      return count == total
        ? "all \(Format.count(total)) examples"
        : "\(Format.count(count)) examples, drawn evenly from \(Format.count(total))"
    }
  }

  /// Examines a network on some examples of a data set, the same ones whatever is to be done with them.
  ///
  /// - Parameters:
  ///   - subject: The network and where its description comes from.
  ///   - compiled: The same, to be run.
  ///   - data: The examples.
  ///   - usesLabels: Whether labels are to be asked for, if there are any.
  ///   - isAttacked: Whether inputs are to be changed within a threat.
  /// - Returns: What was found; `nil` for a remote model, which is asked no more than it must be.
  /// - Throws: What the data and the network throw.
  package static func perform(
    _ subject: Subject, _ compiled: any BatchedModel, on data: Dataset, usesLabels: Bool = true,
    isAttacked: Bool = true
  ) async throws -> Report? {
    guard case .here(let network, let source) = subject.place else { return nil }
    let positions = ModelDiagnosis.positions(among: data.count, size: data.exampleShape.count)
    let inputs = try data.inputs(at: positions)
    let values = ValueRange(of: data, inputs)
    let columns = isAttacked ? values.finding : nil
    guard data.targetKind == .classes else {
      let diagnosis = try await ModelDiagnosis.performWithoutClasses(
        on: compiled, network: network, inputs: inputs,
        areDecisions: data.targetKind == .multiLabel)
      return Report(
        diagnosis: diagnosis, total: data.count, values: values, columns: columns)
    }
    let diagnosis = try await ModelDiagnosis.perform(
      on: compiled, network: network, source: source, inputs: inputs,
      labels: usesLabels && data.isLabelled ? data.labels(at: positions) : nil,
      numberedClasses: data.numberedClasses(for: network))
    return Report(
      diagnosis: diagnosis, total: data.count, values: values, columns: columns)
  }

  /// Examines a network on a few inputs without labels, such as photographs.
  package static func perform(
    _ subject: Subject, _ compiled: any BatchedModel, on inputs: [Tensor<Float>]
  ) async throws -> Report? {
    guard case .here(let network, let source) = subject.place else { return nil }
    let all = Tensor.stacking(inputs)
    let diagnosis = try await ModelDiagnosis.perform(
      on: compiled, network: network, source: source, inputs: all, labels: nil)
    return Report(diagnosis: diagnosis, total: inputs.count, values: ValueRange(of: all))
  }

  /// Tells what was found; of a remote model, what a table alone tells.
  package static func warn(_ report: Report?, of table: Columns? = nil, telling observer: Observer)
  {
    guard let report else {
      if let finding = table.flatMap({ ValueRange.finding($0) }) {
        observer.warn(finding.description)
      }
      return
    }
    for finding in report.findings { observer.warn(finding.description) }
    if !report.findings.isEmpty, report.diagnosis.count < report.total {
      observer.note("the warnings are about \(report.extent)")
    }
  }

  /// What was found, for results; null where nobody looked.
  package static func json(_ findings: [Finding]?) -> JSONValue {
    guard let findings else { return .null }
    return .array(
      findings.map {
        [
          "kind": JSONValue($0.kind.rawValue), "evidence": JSONValue($0.evidence),
          "mend": JSONValue($0.mend),
        ]
      })
  }
}

extension Dataset {
  /// The names of the classes, if labels were made by counting names, which the network may count differently.
  fileprivate func numberedClasses(for network: Network) -> [String] {
    guard network.input.classNames.isEmpty, isNumberedByName,
      classNames != classNames.indices.map(String.init)
    else { return [] }
    return classNames
  }

  /// Whether labels come from names of folders or from texts in a table.
  private var isNumberedByName: Bool {
    switch try? DataReference(name) {
    case .images, .csv: true
    default: false
    }
  }
}
