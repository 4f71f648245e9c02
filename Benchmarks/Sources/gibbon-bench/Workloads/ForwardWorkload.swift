import Engine
import Models
import Networks
import Tensors

/// Scores of a batch, each asked for by a call that is awaited, as one that serves requests would.
struct ForwardWorkload: Workload {
  private let rows: Tensor<Float>
  private let model: CompiledNetwork

  /// Prepares the work.
  init(_ inputs: Inputs) throws {
    rows = .stacking(inputs.images)
    model = try CompiledNetwork(
      inputs.network, for: inputs.images.count == 1 ? .singleExamples : .batches)
  }

  /// The seconds of one batch.
  func seconds(perStepOf steps: Int) async throws -> Double {
    let watch = Stopwatch()
    for _ in 0..<steps { _ = try await ForwardWorkload.logits(of: rows, by: model) }
    return watch.seconds / Double(steps)
  }

  /// The logits.
  func results() async throws -> [String: Tensor<Float>] {
    ["logits": try await ForwardWorkload.logits(of: rows, by: model)]
  }

  /// The scores of some rows.
  static func logits(
    of rows: Tensor<Float>, by model: CompiledNetwork
  ) async throws -> Tensor<Float> {
    try await model.outputs(of: rows, batch: rows.shape[0])
  }
}
