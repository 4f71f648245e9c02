import Tensors

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
