import Graphs
import Networks
import Robustness
import Tensors

extension Examination {
  /// Labels that count from 1, or from below.
  static func labels(
    _ patient: Patient, _ predictions: [Int?], _ correct: [Bool]
  ) -> [Finding] {
    for (shift, mend) in [
      (-1, "the labels seem to count from 1: subtract 1 from them"),
      (1, "the outputs seem to begin with another class, such as background: add 1 to the labels"),
    ] {
      let shifted = zip(predictions, patient.labels).map { $0 == $1 + shift }
      let comparison = Comparison(correct, shifted)
      guard comparison.isBetter else { continue }
      return [
        Finding(
          .labels,
          "\(comparison.right) of \(patient.count) predictions are the label \(shift < 0 ? "less" : "plus") "
            + "one, and \(correct.count { $0 }) the label itself",
          mend: mend)
      ]
    }
    return []
  }

  /// Changes of the input with which far more examples are classified rightly, one after the other.
  static func inputs(
    _ patient: Patient, _ source: DescriptionSource, _ correct: [Bool]
  ) throws -> (findings: [Finding], right: Int) {
    var findings: [Finding] = []
    var correct = correct
    // What is changed so far: how the input is described, and the data.
    var description = patient.description
    var changes: [InputChange] = []
    for _ in 0..<2 {
      guard
        let best = try bestChange(
          patient, InputChange.all(description, source), after: changes, correct)
      else { break }
      let right = best.correct.count { $0 }
      findings.append(
        Finding(
          best.change.kind,
          "\(right) of \(patient.count) examples are classified rightly if \(best.change.name)"
            + (findings.isEmpty ? "" : " as well") + ", and \(correct.count { $0 }) otherwise",
          mend: best.change.mend))
      description = best.change.description
      changes.append(best.change)
      correct = best.correct
      guard Double(right) < 0.97 * Double(patient.count) else { break }
    }
    return (findings, correct.count { $0 })
  }

  /// The change that helps most, if one helps by far more than by chance, and what is right then.
  ///
  /// What takes back something is preferred to what does no better as far as these examples tell. Statistics of several
  /// data sets help alike, so of those that do equally well the first of the list is named, whatever the examples;
  /// otherwise what is right most often, and then what has the least cross-entropy.
  private static func bestChange(
    _ patient: Patient, _ all: [InputChange], after earlier: [InputChange], _ correct: [Bool]
  ) throws -> (change: InputChange, correct: [Bool])? {
    let data = { (x: Tensor<Float>) in earlier.reduce(x) { $1.data($0) } }
    let sample = patient.sample
    let step = sample.count == patient.count ? 1 : 4
    let before = stride(from: 0, to: patient.count, by: step).map { correct[$0] }
    var promising: [(change: InputChange, gain: Int, place: Int)] = []
    for (place, change) in all.enumerated() {
      let comparison = Comparison(before, try sample.verdict(change, data: data).correct)
      if comparison.isPromising {
        let bonus = change.takesBack ? sample.count / 50 + 1 : 0
        promising.append((change, comparison.gained - comparison.lost + bonus, place))
      }
    }
    let order = promising.sorted { ($1.gain, $0.place) < ($0.gain, $1.place) }
    let trials = try order.prefix(8)
      .map { (change: $0.change, verdict: try patient.verdict($0.change, data: data), $0.place) }
      .filter { Comparison(correct, $0.verdict.correct).isBetter }
      .sorted { $0.2 < $1.2 }
    let leader = trials.min {
      let (left, right) = ($0.verdict.correct.count { $0 }, $1.verdict.correct.count { $0 })
      return (right, $0.verdict.loss) < (left, $1.verdict.loss)
    }
    guard let leader else { return nil }
    let tied = trials.filter { Comparison($0.verdict.correct, leader.verdict.correct).isTie }
    let chosen =
      tied.first { $0.change.takesBack }
      ?? (leader.change.kind == .normalization
        ? tied.first { $0.change.kind == .normalization } : nil) ?? leader
    return (chosen.change, chosen.verdict.correct)
  }

  /// Running statistics that do worse than those of the examples themselves.
  ///
  /// They make up for most other mistakes too, so they must do as well as any change of the input: `least` right.
  static func statistics(
    _ patient: Patient, _ network: Network, _ correct: [Bool], least: Int
  ) throws -> [Finding] {
    guard !network.statisticNames.isEmpty, patient.count >= 32,
      let trained = try? network.normalizingBatches()
    else { return [] }
    let model = try CompiledNetwork(trained)
    // Spare rows would count in the batch's statistics.
    model.expect(rows: patient.count)
    let form = Patient(
      model: model, description: patient.description, inputs: patient.inputs, labels: patient.labels
    )
    let outputs = try form.outputs(of: patient.inputs, batch: patient.count)
    let better = zip(Patient.predictions(outputs), patient.labels).map { $0 == $1 }
    let comparison = Comparison(correct, better)
    guard comparison.isBetter, comparison.right >= least else { return [] }
    return [
      Finding(
        .batchNormalization,
        "\(comparison.right) of \(patient.count) examples are classified rightly by the statistics of their"
          + " batch, and \(correct.count { $0 }) by the running ones",
        mend:
          "the running statistics do not belong to the weights or to this input: measure them again"
      )
    ]
  }
}
