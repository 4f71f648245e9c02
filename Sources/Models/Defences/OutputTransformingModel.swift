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

/// A model that answers with probabilities: the softmax of its outputs divided by a temperature.
///
/// At a low temperature probabilities are 0 and 1 in single precision, and no loss on them has a gradient: a defence
/// that looks perfect. An adaptive attack climbs the outputs before the softmax (`TransferModel` with the model
/// behind as its own surrogate).
public struct SoftmaxModel: OutputTransformingModel {
  /// The model.
  public let base: any BatchedModel
  /// What outputs are divided by.
  public let temperature: Float

  /// Creates a model.
  ///
  /// - Precondition: The temperature is positive and finite.
  public init(_ base: any BatchedModel, temperature: Float = 1) {
    precondition(temperature > 0 && temperature.isFinite, "a temperature of \(temperature)")
    self.base = base
    self.temperature = temperature
  }

  /// That of the model behind, where a probability depends on an output most.
  public var uncertainty: Double { base.uncertainty / Double(temperature) }

  /// Makes probabilities of outputs.
  public func transform(_ outputs: UnsafeMutableBufferPointer<Float>) {
    for first in stride(from: 0, to: outputs.count, by: outputCount) {
      let row = first..<first + outputCount
      let top = row.reduce(-Float.infinity) { max($0, outputs[$1]) }
      var sum: Float = 0
      for index in row {
        outputs[index] = Float.exp((outputs[index] - top) / temperature)
        sum += outputs[index]
      }
      for index in row { outputs[index] /= sum }
    }
  }

  /// The derivative of the softmax, from the probabilities.
  public func pullback(
    _ slopes: UnsafeMutableBufferPointer<Float>, at transformed: UnsafeBufferPointer<Float>
  ) {
    for first in stride(from: 0, to: transformed.count, by: outputCount) {
      let row = first..<first + outputCount
      var mean: Float = 0
      for index in row { mean += transformed[index] * slopes[index] }
      for index in row {
        slopes[index] = transformed[index] * (slopes[index] - mean) / temperature
      }
    }
  }
}
