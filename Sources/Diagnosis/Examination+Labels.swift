import Tensors

extension Examination {
  /// Labels that count from 1 or from below, or in another order than the outputs do.
  static func labels(
    _ patient: Patient, _ own: Verdict, _ outputs: Tensor<Float>
  ) -> (finding: Finding, correct: [Bool])? {
    let classes = max(2, outputs.shape[1])
    let predictions = Patient.predictions(patient.reading.logits(of: outputs))
    func verdict(_ labels: [Int]) -> Recovery {
      Recovery(
        before: own, after: patient.verdict(outputs, labels), labels: labels, classCount: classes)
    }
    for (shift, mend) in [
      (-1, "the labels seem to count from 1: subtract 1 from them"),
      (1, "the outputs seem to begin with another class, such as background: add 1 to the labels"),
    ] {
      let shifted = patient.labels.map { $0 + shift }
      // A label without an output is that of another order.
      guard shifted.allSatisfy({ 0..<classes ~= $0 }) else { continue }
      let recovery = verdict(shifted)
      guard Comparison(own.correct, recovery.after.correct).isBetter,
        recovery.isConvincing(scales: false, isPicture: false),
        explained(patient.labels, predictions, by: { $0 + shift }) >= 2
      else { continue }
      return (
        Finding(
          .labels,
          "\(recovery.after.right) of \(patient.count) predictions are the label \(shift < 0 ? "less" : "plus") "
            + "one, and \(own.right) the label itself",
          mend: mend), recovery.after.correct
      )
    }
    guard let order = Renumbering(patient.labels, predictions),
      Comparison(own.correct, order.heldOut).isBetter
    else { return nil }
    let recovery = verdict(patient.labels.map { order[$0] })
    // Few classes may fall into some order by chance, but not with the sureness of a trained network.
    guard recovery.isSettled || classes >= 8, recovery.isConvincing(scales: false, isPicture: false)
    else { return nil }
    return (
      Finding(
        .labels,
        "\(recovery.after.right) of \(patient.count) examples are classified rightly if \(order), and \(own.right)"
          + " otherwise",
        mend: order.mend(classCount: classes)), recovery.after.correct
    )
  }

  /// Of how many labels most examples are predicted as a rule has it.
  private static func explained(
    _ labels: [Int], _ predictions: [Int?], by rule: (Int) -> Int
  ) -> Int {
    Dictionary(grouping: labels.indices) { labels[$0] }.count { label, places in
      2 * places.count { predictions[$0] == rule(label) } > places.count
    }
  }
}
