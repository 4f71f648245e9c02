public import Tensors

/// A model whose outputs are a function of another model's.
public protocol OutputTransformingModel: BatchedModel {
  /// The model behind.
  var base: any BatchedModel { get }

  /// Replaces outputs of the model behind, those of one example after the other, by the function of them.
  func transform(_ outputs: UnsafeMutableBufferPointer<Float>)

  /// Replaces derivatives with respect to transformed outputs by those with respect to the outputs behind.
  func pullback(
    _ slopes: UnsafeMutableBufferPointer<Float>, at transformed: UnsafeBufferPointer<Float>)
}

extension OutputTransformingModel {
  /// The shape of one example.
  public var inputShape: Shape { base.inputShape }
  /// The number of outputs of one example.
  public var outputCount: Int { base.outputCount }
  /// What the model behind reveals, but not its graph.
  public var knowledge: Knowledge { min(base.knowledge, .gradients) }
  /// That of the model behind.
  public var uncertainty: Double { base.uncertainty }

  /// Computes the outputs behind, and transforms them.
  public func evaluate(
    _ rows: UnsafeBufferPointer<Float>, count: Int, outputs: UnsafeMutableBufferPointer<Float>
  ) throws {
    try base.evaluate(rows, count: count, outputs: outputs)
    transform(outputs)
  }

  /// Computes the outputs behind exactly, and transforms them.
  public func evaluateExactly(
    _ rows: UnsafeBufferPointer<Float>, count: Int, outputs: UnsafeMutableBufferPointer<Float>
  ) throws {
    try base.evaluateExactly(rows, count: count, outputs: outputs)
    transform(outputs)
  }

  /// Computes outputs and gradients by the chain rule, in single precision as a network that ends so does.
  public func differentiate(
    _ rows: UnsafeBufferPointer<Float>, count: Int, outputs: UnsafeMutableBufferPointer<Float>,
    gradients: UnsafeMutableBufferPointer<Float>,
    cotangents: (UnsafeBufferPointer<Float>, UnsafeMutableBufferPointer<Float>) -> Void
  ) throws {
    try base.differentiate(rows, count: count, outputs: outputs, gradients: gradients) {
      plain, slopes in
      var transformed = Array(plain)
      transformed.withUnsafeMutableBufferPointer { buffer in
        transform(buffer)
        cotangents(UnsafeBufferPointer(buffer), slopes)
        pullback(slopes, at: UnsafeBufferPointer(buffer))
      }
    }
    transform(outputs)
  }
}
