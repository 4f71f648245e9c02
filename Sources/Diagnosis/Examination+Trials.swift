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
    _ patient: Patient, _ network: Network?, _ correct: [Bool]
  ) throws -> (findings: [Finding], right: Int) {
    var findings: [Finding] = []
    var (patient, correct) = (patient, correct)
    for _ in 0..<2 {
      guard let (change, better) = try bestChange(patient, network, correct) else { break }
      let comparison = Comparison(correct, better)
      findings.append(
        Finding(
          change.kind,
          "\(comparison.right) of \(patient.count) examples are classified rightly if \(change.name)"
            + (findings.isEmpty ? "" : " as well") + ", and \(correct.count { $0 }) otherwise",
          mend: change.mend))
      patient = Patient(
        model: patient.model, inputs: change.apply(patient.inputs), labels: patient.labels)
      correct = better
      guard Double(comparison.right) < 0.97 * Double(patient.count) else { break }
    }
    return (findings, correct.count { $0 })
  }

  /// The change that helps most, if one helps by far more than by chance, and what is right then.
  private static func bestChange(
    _ patient: Patient, _ network: Network?, _ correct: [Bool]
  ) throws -> (change: InputChange, correct: [Bool])? {
    let sample = patient.sample
    let step = sample.count == patient.count ? 1 : 4
    let before = stride(from: 0, to: patient.count, by: step).map { correct[$0] }
    var promising: [(change: InputChange, gain: Int, place: Int)] = []
    for change in InputChange.all(shape: patient.model.inputShape, input: network?.input) {
      let comparison = Comparison(before, try judged(sample, change))
      if comparison.isPromising {
        let bonus = change.takesBack ? sample.count / 50 + 1 : 0
        promising.append((change, comparison.gained - comparison.lost + bonus, promising.count))
      }
    }
    // Statistics of several data sets help alike; the best on all examples is the one to name.
    var best: (change: InputChange, correct: [Bool], score: Int)?
    let order = promising.sorted { ($1.gain, $0.place) < ($0.gain, $1.place) }
    for (change, _, _) in order.prefix(4) {
      let after = try judged(patient, change)
      let comparison = Comparison(correct, after)
      let score = comparison.right + (change.takesBack ? patient.count / 50 + 1 : 0)
      if comparison.isBetter, score > best?.score ?? -1 { best = (change, after, score) }
    }
    return best.map { ($0.change, $0.correct) }
  }

  private static func judged(_ patient: Patient, _ change: InputChange) throws -> [Bool] {
    let outputs = try patient.outputs(of: change.apply(patient.inputs))
    return zip(Patient.predictions(outputs), patient.labels).map { $0 == $1 }
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
    let form = Patient(model: model, inputs: patient.inputs, labels: patient.labels)
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
