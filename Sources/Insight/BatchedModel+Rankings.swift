package import Models
package import Tensors

extension BatchedModel {
  /// What the model makes of some inputs, all classes.
  package func rankings(of inputs: [Tensor<Float>]) async throws -> [Ranking] {
    let scores = try await outputs(count: inputs.count) { .stacking(Array(inputs[$0])) }
    return inputs.indices.map {
      Ranking(scores: scores.row($0).scalars, areLabels: knowledge == .labels)
    }
  }
}
