import Models
import Robustness
import Tensors

// Searches that methods do by themselves on all rows of a batch at once, without the runner that answers for attacks.

extension TrainingSurroundings {
  /// The cross-entropy of each example at other inputs.
  ///
  /// - Parameters:
  ///   - values: Inputs, one after the other, as many as the batch has examples.
  ///   - batch: The batch, for its labels.
  /// - Returns: A number for each example; NaN where an output is.
  /// - Throws: What the model throws.
  func losses(at values: [Float], of batch: TrainingBatch) async throws -> [Double] {
    let points = Tensor(values, shape: batch.exampleShape.prepending(batch.count))
    let outputs = try await runner.model.outputs(of: points, batch: runner.batch)
    return try losses(of: outputs, batch)
  }

  /// The cross-entropy of each example at other inputs, and its gradients with respect to these.
  ///
  /// - Parameters:
  ///   - values: Inputs, one after the other, as many as the batch has examples.
  ///   - batch: The batch, for its labels.
  /// - Returns: A number for each example, and a gradient for each.
  /// - Throws: What the model throws.
  func gradients(
    at values: [Float], of batch: TrainingBatch
  ) async throws -> (losses: [Double], gradients: Tensor<Float>) {
    let points = Tensor(values, shape: batch.exampleShape.prepending(batch.count))
    let found = try await runner.model.gradients(
      at: points, of: try objectives(of: batch), batch: runner.batch)
    return (try losses(of: found.outputs, batch), found.gradients)
  }

  private func objectives(of batch: TrainingBatch) throws -> [any Objective] {
    try batch.labels.map {
      try Loss.crossEntropy.objective(for: .avoid($0), outputCount: runner.model.outputCount)
    }
  }

  private func losses(of outputs: Tensor<Float>, _ batch: TrainingBatch) throws -> [Double] {
    try objectives(of: batch).enumerated().map { $1.value(of: outputs.row($0)) }
  }
}

extension TrainingBatch {
  /// The regions of a threat around the examples.
  func regions(of threat: any ThreatModel) throws -> [any FeasibleSet] {
    try (0..<count).map { try threat.region(around: example($0)) }
  }
}
