public import Models
public import Networks
import Robustness
public import Tensors

extension ModelDiagnosis {
  /// Labels that count from 1 or from below, or in another order than the outputs do.
  static func labels(
    _ subject: DiagnosedModel, _ own: Judgement, _ outputs: Tensor<Float>
  ) -> (finding: Finding, correct: [Bool])? {
    let classes = max(2, outputs.shape[1])
    let predictions = DiagnosedModel.predictions(subject.reading.logits(of: outputs))
    func judgement(_ labels: [Int]) -> Recovery {
      Recovery(
        before: own, after: subject.judgement(outputs, labels), labels: labels, classCount: classes)
    }
    for (shift, mend) in [
      (-1, "the labels seem to count from 1: subtract 1 from them"),
      (1, "the outputs seem to begin with another class, such as background: add 1 to the labels"),
    ] {
      let shifted = subject.labels.map { $0 + shift }
      // A label without an output is that of another order.
      guard shifted.allSatisfy({ 0..<classes ~= $0 }) else { continue }
      let recovery = judgement(shifted)
      guard Comparison(own.correct, recovery.after.correct).isBetter,
        recovery.isConvincing(scales: false, isPicture: false),
        explained(subject.labels, predictions, by: { $0 + shift }) >= 2
      else { continue }
      return (
        Finding(
          .labels,
          "\(recovery.after.right) of \(subject.count) predictions are the label \(shift < 0 ? "less" : "plus") "
            + "one, and \(own.right) the label itself",
          mend: mend), recovery.after.correct
      )
    }
    guard let order = Renumbering(subject.labels, predictions),
      Comparison(own.correct, order.heldOut).isBetter
    else { return nil }
    let recovery = judgement(subject.labels.map { order[$0] })
    // Few classes may fall into some order by chance, but not with the sureness of a trained network.
    guard recovery.isSettled || classes >= 8, recovery.isConvincing(scales: false, isPicture: false)
    else { return nil }
    return (
      Finding(
        .labels,
        "\(recovery.after.right) of \(subject.count) examples are classified correctly if \(order), and \(own.right)"
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

  /// Examines a model on examples that have no classes: everything but what classes would tell.
  ///
  /// - Parameters:
  ///   - model: The model, as it is attacked.
  ///   - network: The network behind it, if there is one.
  ///   - inputs: Examples, as the model takes them, the batch outermost; at least one.
  ///   - areDecisions: Whether each output says yes above zero, as of several labels; otherwise they are numbers.
  /// - Returns: What was found; `right` is `nil`.
  /// - Throws: What the model throws.
  public static func performWithoutClasses(
    on model: any BatchedModel, network: Network? = nil, inputs: Tensor<Float>,
    areDecisions: Bool
  ) async throws -> ModelDiagnosis {
    precondition(
      inputs.shape.droppingFirst == model.inputShape,
      "\(inputs.shape) are no examples of \(model.inputShape)")
    let description = network?.input ?? InputDescription(shape: model.inputShape)
    return try await EngineThread.shared.run {
      let subject = DiagnosedModel(
        model: model, description: description, inputs: inputs, labels: [])
      let outputs = try subject.outputs(of: inputs)
      var findings = network.map { parameters(of: $0) } ?? []
      findings += values(outputs)
      // Numbers may well lie in 0...1.
      if areDecisions { findings += decisions(outputs, network) }
      return ModelDiagnosis(
        count: subject.count, findings: findings + (try steadiness(subject, outputs)))
    }
  }

  /// Outputs that decide at zero, and are probabilities.
  private static func decisions(_ outputs: Tensor<Float>, _ network: Network?) -> [Finding] {
    // Whatever the graph ends in, decisions that are never below zero decide nothing.
    let areNeverBelow = outputs.shape[0] >= 20 && outputs.scalars.allSatisfy { 0...1 ~= $0 }
    guard areNeverBelow || !probabilities(outputs, network).findings.isEmpty else { return [] }
    return [
      Finding(
        .probabilities,
        "all outputs of all \(outputs.shape[0]) examples lie in 0...1, as probabilities would",
        mend: "each output is judged by its sign: take the network before its sigmoid")
    ]
  }

  private init(count: Int, findings: [Finding]) {
    self.count = count
    self.findings = findings
    right = nil
  }
}
