public import Tensors

/// A model that answers with gradients.
public protocol DifferentiableModel: ScoreOracle {
  /// The outputs at a point and the gradient of an objective there; one forward and one backward
  /// pass.
  func gradient(at point: Tensor<Float>, of objective: any Objective) async throws -> Answer

  /// The same at some points, evaluated together; one forward and one backward pass each.
  func gradients(
    at points: [Tensor<Float>], of objective: any Objective
  ) async throws -> [Answer]
}
