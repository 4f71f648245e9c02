public import Tensors

/// A model that answers with its outputs.
public protocol ScoreOracle: LabelOracle {
  /// The outputs at a point; one forward pass.
  func scores(at point: Tensor<Float>) async throws -> Scores

  /// The outputs at some points, evaluated together; one forward pass each.
  func scores(at points: [Tensor<Float>]) async throws -> [Scores]
}
