import Datasets
import Diagnosis
import Models
package import Robustness
import Settings
import Tensors

extension AttackRun.Request {
  /// The goal with the confidence that is asked for.
  ///
  /// - Throws: `GoalError` for goals that are not about one class, which `checkConfidence` refuses before.
  func goal(of goal: Goal) throws -> Goal {
    guard let confidence else { return goal }
    return try goal.exceeding(confidence)
  }

  /// Makes sure that a confidence means something for model and data.
  ///
  /// - Throws: `StudyError` that says what has none.
  func checkConfidence() throws {
    let what = "\(Setting.confidence) needs"
    guard subject.knowledge > .labels else {
      throw StudyError("\(what) scores, but \(model) reveals labels only")
    }
    guard isAboutClasses else {
      throw StudyError(
        "\(data.name): each example has \(data.targetKind.words); \(what) one class for each")
    }
    guard case .here(let network, _) = subject.place, network.endsInSigmoids else { return }
    throw StudyError(
      "\(model): each output is a probability by itself (a sigmoid); \(what) "
        + (subject.outputCount == 1 ? "the logit" : "logits or a softmax"))
  }

  /// The same, with a confidence that knows whether outputs are logits or probabilities, by what the model says of some
  /// examples.
  ///
  /// - Parameters:
  ///   - model: The model.
  ///   - input: What to ask about instead of the first examples of the data.
  /// - Returns: The request.
  /// - Throws: What the data and the model throw; `StudyError` as `checkConfidence`.
  func readingConfidence(
    of model: any BatchedModel, on input: Tensor<Float>? = nil
  ) async throws -> AttackRun.Request {
    guard let confidence else { return self }
    try checkConfidence()
    let inputs = try input.map { .stacking([$0]) } ?? data.inputs(at: 0..<min(data.count, looks))
    let outputs = try await model.outputs(of: inputs)
    guard subject.outputCount > 1,
      (0..<outputs.shape[0]).allSatisfy({ Self.isShares(outputs.row($0)) })
    else { return self }
    var request = self
    request.confidence = Confidence(confidence.probability, of: .probabilities)
    return request
  }

  /// How many examples are looked at: a remote model is asked no more than it must be.
  private var looks: Int { subject.remote == nil ? 16 : 1 }

  /// Whether numbers are probabilities that sum to 1.
  private static func isShares(_ outputs: Tensor<Float>) -> Bool {
    outputs.scalars.allSatisfy { $0 >= 0 } && abs(outputs.scalars.reduce(0, +) - 1) < 1e-3
  }
}

extension AttackRun {
  /// How sure the model became at most of what it is to see, by the largest margin that was met; `nil` where nothing is
  /// asked of that.
  package func confidence(_ outcome: Outcome) -> Double? {
    request.confidence?.probability(
      atMargin: outcome.adversarialExample?.margin ?? outcome.margin)
  }

  /// The number of examples on which the goal was reached, though not as surely as was asked for.
  package var lessSureCount: Int { outcomes.count { $0.lessSure != nil } }
}
