import Tensors
import Datasets
import Robustness
import JSON
package import Networks

extension AttackRun {
  /// The changed inputs beside the originals: `x`, `witness`, `index`, where there are classes what both are taken for
  /// (`prediction`, `witness_prediction`) and, if the data have any, `label`, which has as many columns as examples have
  /// labels or numbers; and the arrays of `RoundingRecord`.
  package func witnesses() throws -> SafeTensorsFile {
    var file = SafeTensorsFile(name: "witnesses")
    var rows: [(Tensor<Float>, Tensor<Float>, Int)] = []
    var labels: [Int64] = []
    var numbers: [Float] = []
    for (example, witness) in try broken() {
      rows.append((example.input, witness.input, example.index))
      switch example.target {
      case .label(let label): labels.append(Int64(label))
      case .labels(let flags): labels += flags.map { $0 ? 1 : 0 }
      case .numbers(let values): numbers += values
      }
    }
    let shape = request.subject.input.shape.prepending(rows.count)
    file.tensors["x"] = Tensor(rows.flatMap(\.0.scalars), shape: shape)
    file.tensors["witness"] = Tensor(rows.flatMap(\.1.scalars), shape: shape)
    let found = outcomes.filter { $0.witness != nil }
    if !request.data.boundsColumns { addParameters(of: found, to: &file) }
    addPredictions(of: found, to: &file)
    let margins = found.compactMap(\.witness).map { (margin: $0.margin, rounding: $0.rounding) }
    file.tensors.merge(RoundingRecord.arrays(margins)) { $1 }
    if let shared { file.tensors["change"] = request.data.inOwnUnits(shared) }
    file.tensors.merge(request.data.columnTensors) { $1 }
    file.integers["index"] = SafeTensorsIntegers(rows.map { Int64($0.2) }, shape: [rows.count])
    let width = request.data.targetWidth
    switch request.data.targetKind {
    case .classes where !request.data.isLabelled: break
    case .classes: file.integers["label"] = SafeTensorsIntegers(labels, shape: [rows.count])
    case .multiLabel:
      file.integers["label"] = SafeTensorsIntegers(labels, shape: [rows.count, width])
    case .numbers: file.tensors["label"] = Tensor(numbers, shape: [rows.count, width])
    }
    file.metadata = metadata
    return file
  }

  /// The numbers that changed the examples, such as angles: one array where the threat is no ball; of a choice, which
  /// alternative broke an example, and an array for each alternative that is no ball, of the examples that it broke.
  private func addParameters(of found: [Outcome], to file: inout SafeTensorsFile) {
    func isBall(_ outcome: Outcome) -> Bool { outcome.witness.map { $0.z == $0.input } ?? true }
    let choices = request.threat.choices.count
    guard choices > 1 else {
      let parameters = found.compactMap { $0.witness?.z }
      if let first = parameters.first, parameters.allSatisfy({ $0.shape == first.shape }),
        !found.allSatisfy(isBall)
      {
        file.tensors["parameters"] = Tensor.stacking(parameters)
      }
      return
    }
    file.integers["alternative"] = SafeTensorsIntegers(
      found.map { Int64($0.alternative ?? 0) }, shape: [found.count])
    for choice in 0..<choices {
      let own = found.filter { $0.alternative == choice }
      let parameters = own.compactMap { $0.witness?.z }
      guard let first = parameters.first, parameters.allSatisfy({ $0.shape == first.shape }),
        !own.allSatisfy(isBall)
      else { continue }
      file.tensors["parameters.\(choice)"] = Tensor.stacking(parameters)
    }
  }

  /// What the examples are taken for as they are and changed, where they are taken for classes.
  private func addPredictions(of found: [Outcome], to file: inout SafeTensorsFile) {
    let before = found.compactMap { $0.prediction.map(Int64.init) }
    let after = found.compactMap { $0.witness?.prediction.map(Int64.init) }
    guard before.count == found.count, after.count == found.count else { return }
    file.integers["prediction"] = SafeTensorsIntegers(before, shape: [found.count])
    file.integers["witness_prediction"] = SafeTensorsIntegers(after, shape: [found.count])
  }

  /// What the changed inputs are about, as metadata of their file.
  private var metadata: [String: String] {
    var entries = provenance.metadata
    entries["attack"] = request.attackDescription
    entries["attack_name"] = type(of: request.attack).name
    entries["attack_options"] = request.settings?.json.text(.compact)
    return entries
  }
}
