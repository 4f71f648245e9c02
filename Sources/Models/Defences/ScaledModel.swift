/// A model whose outputs are multiplied by a factor: the decision stays, and softmax saturates.
///
/// In single precision the cross-entropy of such outputs has no gradient; the margin and the difference-of-logits
/// ratio do not care. Carlini and Wagner, 2016, https://arxiv.org/abs/1607.04311, on defensive distillation.
public struct ScaledModel: OutputTransformingModel {
  /// The model.
  public let base: any BatchedModel
  /// What outputs are multiplied by.
  public let factor: Float

  /// Creates a model.
  ///
  /// - Precondition: The factor is positive and finite.
  public init(_ base: any BatchedModel, factor: Float) {
    precondition(factor > 0 && factor.isFinite, "a factor of \(factor)")
    self.base = base
    self.factor = factor
  }

  /// Multiplies by the factor.
  public func transform(_ outputs: UnsafeMutableBufferPointer<Float>) {
    for index in outputs.indices { outputs[index] *= factor }
  }

  /// Multiplies by the factor, too.
  public func pullback(
    _ slopes: UnsafeMutableBufferPointer<Float>, at transformed: UnsafeBufferPointer<Float>
  ) { transform(slopes) }
}
