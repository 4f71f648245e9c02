public import Tensors

/// A model whose outputs are multiplied by a factor: the decision stays, and softmax saturates.
///
/// In single precision the cross-entropy of such outputs has no gradient; the margin and the difference-of-logits
/// ratio do not care. Carlini and Wagner, 2016, https://arxiv.org/abs/1607.04311, on defensive distillation.
public struct ScaledModel: BatchedModel {
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

  /// The shape of one example.
  public var inputShape: Shape { base.inputShape }
  /// The number of outputs of one example.
  public var outputCount: Int { base.outputCount }
  /// What the model reveals, but not its graph.
  public var knowledge: Knowledge { min(base.knowledge, .gradients) }
  /// The model's.
  public var uncertainty: Double { base.uncertainty }

  /// Computes the outputs, times the factor.
  public func evaluate(
    _ rows: UnsafeBufferPointer<Float>, count: Int, outputs: UnsafeMutableBufferPointer<Float>
  ) throws {
    try base.evaluate(rows, count: count, outputs: outputs)
    scale(outputs)
  }

  /// Computes the outputs exactly, times the factor.
  public func evaluateExactly(
    _ rows: UnsafeBufferPointer<Float>, count: Int, outputs: UnsafeMutableBufferPointer<Float>
  ) throws {
    try base.evaluateExactly(rows, count: count, outputs: outputs)
    scale(outputs)
  }

  /// Computes outputs and gradients by the chain rule.
  public func differentiate(
    _ rows: UnsafeBufferPointer<Float>, count: Int, outputs: UnsafeMutableBufferPointer<Float>,
    gradients: UnsafeMutableBufferPointer<Float>,
    cotangents: (UnsafeBufferPointer<Float>, UnsafeMutableBufferPointer<Float>) -> Void
  ) throws {
    try base.differentiate(rows, count: count, outputs: outputs, gradients: gradients) {
      plain, slopes in
      var scaled = Array(plain)
      scaled.withUnsafeMutableBufferPointer { buffer in
        scale(buffer)
        cotangents(UnsafeBufferPointer(buffer), slopes)
      }
      scale(slopes)
    }
    scale(outputs)
  }

  private func scale(_ values: UnsafeMutableBufferPointer<Float>) {
    for index in values.indices { values[index] *= factor }
  }
}
