public import Models
public import Networks
import Robustness
public import Tensors

extension Examination {
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
  ) async throws -> Examination {
    precondition(
      inputs.shape.droppingFirst == model.inputShape,
      "\(inputs.shape) are no examples of \(model.inputShape)")
    let description = network?.input ?? InputDescription(shape: model.inputShape)
    return try await EngineThread.shared.run {
      let patient = Patient(model: model, description: description, inputs: inputs, labels: [])
      let outputs = try patient.outputs(of: inputs)
      var findings = network.map { parameters(of: $0) } ?? []
      findings += values(outputs)
      // Numbers may well lie in 0...1.
      if areDecisions { findings += decisions(outputs, network) }
      return Examination(
        count: patient.count, findings: findings + (try steadiness(patient, outputs)))
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
