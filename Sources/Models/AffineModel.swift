public import Tensors

/// The outputs W x + b: the model whose worst input has a closed form.
public struct AffineModel: BatchedModel {
  /// The shape of one example.
  public let inputShape: Shape

  /// W, `outputCount` x `inputShape.count`.
  public let weights: Tensor<Float>

  /// b, one number per output.
  public let biases: Tensor<Float>

  /// The most that this model reveals.
  public let knowledge: Knowledge

  /// The number of outputs.
  public var outputCount: Int { biases.count }

  /// Creates a model.
  ///
  /// - Precondition: `weights` has the shape `biases.count` x `inputShape.count`.
  public init(
    inputShape: Shape, weights: Tensor<Float>, biases: Tensor<Float>,
    knowledge: Knowledge = .gradients
  ) {
    precondition(
      weights.shape == [biases.count, inputShape.count], "weights of shape \(weights.shape)")
    self.inputShape = inputShape
    self.weights = weights
    self.biases = biases
    self.knowledge = knowledge
  }

  /// Computes W x + b for every row, summed in double precision.
  public func evaluate(
    _ rows: UnsafeBufferPointer<Float>, count: Int, outputs: UnsafeMutableBufferPointer<Float>
  ) throws {
    let size = inputShape.count
    for row in 0..<count {
      for output in 0..<outputCount {
        var sum = Double(biases[output])
        for index in 0..<size {
          sum += Double(weights[output * size + index]) * Double(rows[row * size + index])
        }
        outputs[row * outputCount + output] = Float(sum)
      }
    }
  }

  /// Computes W x + b, then the transpose of W times the cotangents.
  public func differentiate(
    _ rows: UnsafeBufferPointer<Float>, count: Int, outputs: UnsafeMutableBufferPointer<Float>,
    gradients: UnsafeMutableBufferPointer<Float>,
    cotangents: (UnsafeBufferPointer<Float>, UnsafeMutableBufferPointer<Float>) -> Void
  ) throws {
    try evaluate(rows, count: count, outputs: outputs)
    let size = inputShape.count
    withUnsafeTemporaryAllocation(of: Float.self, capacity: count * outputCount) { room in
      cotangents(UnsafeBufferPointer(outputs), room)
      for row in 0..<count {
        for index in 0..<size {
          var sum = 0.0
          for output in 0..<outputCount {
            sum += Double(weights[output * size + index]) * Double(room[row * outputCount + output])
          }
          gradients[row * size + index] = Float(sum)
        }
      }
    }
  }
}
