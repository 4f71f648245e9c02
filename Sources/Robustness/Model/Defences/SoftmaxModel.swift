public import Tensors

/// A model that answers with probabilities: the softmax of its outputs divided by a temperature.
///
/// At a low temperature probabilities are 0 and 1 in single precision, and no loss on them has a gradient: a defence
/// that looks perfect. An adaptive attack climbs the outputs before the softmax (`TransferModel` with the model
/// behind as its own surrogate).
public struct SoftmaxModel: BatchedModel {
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

  /// The shape of one example.
  public var inputShape: Shape { base.inputShape }
  /// The number of outputs of one example.
  public var outputCount: Int { base.outputCount }
  /// What the model reveals, but not its graph.
  public var knowledge: Knowledge { min(base.knowledge, .gradients) }
  /// The model's, where a probability depends on an output most.
  public var uncertainty: Double { base.uncertainty / Double(temperature) }

  /// Computes the probabilities.
  public func evaluate(
    _ rows: UnsafeBufferPointer<Float>, count: Int, outputs: UnsafeMutableBufferPointer<Float>
  ) throws {
    try base.evaluate(rows, count: count, outputs: outputs)
    soften(outputs)
  }

  /// Computes the probabilities from exact outputs.
  public func evaluateExactly(
    _ rows: UnsafeBufferPointer<Float>, count: Int, outputs: UnsafeMutableBufferPointer<Float>
  ) throws {
    try base.evaluateExactly(rows, count: count, outputs: outputs)
    soften(outputs)
  }

  /// Computes probabilities and gradients in single precision, as a network that ends in a softmax does.
  public func differentiate(
    _ rows: UnsafeBufferPointer<Float>, count: Int, outputs: UnsafeMutableBufferPointer<Float>,
    gradients: UnsafeMutableBufferPointer<Float>,
    cotangents: (UnsafeBufferPointer<Float>, UnsafeMutableBufferPointer<Float>) -> Void
  ) throws {
    let width = outputCount
    try base.differentiate(rows, count: count, outputs: outputs, gradients: gradients) {
      plain, slopes in
      var soft = Array(plain)
      soft.withUnsafeMutableBufferPointer { soft in
        soften(soft)
        cotangents(UnsafeBufferPointer(soft), slopes)
        for first in stride(from: 0, to: soft.count, by: width) {
          var mean: Float = 0
          for index in first..<first + width { mean += soft[index] * slopes[index] }
          for index in first..<first + width {
            slopes[index] = soft[index] * (slopes[index] - mean) / temperature
          }
        }
      }
    }
    soften(outputs)
  }

  private func soften(_ values: UnsafeMutableBufferPointer<Float>) {
    for first in stride(from: 0, to: values.count, by: outputCount) {
      let row = first..<first + outputCount
      let top = row.reduce(-Float.infinity) { max($0, values[$1]) }
      var sum: Float = 0
      for index in row {
        values[index] = Float.exp((values[index] - top) / temperature)
        sum += values[index]
      }
      for index in row { values[index] /= sum }
    }
  }
}
