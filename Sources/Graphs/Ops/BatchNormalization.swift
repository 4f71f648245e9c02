public import Tensors

/// Batch normalisation with given statistics: (x, scale, shift, mean, variance) -> y, per channel.
///
/// y = scale * (x - mean) / sqrt(variance + epsilon) + shift, where x is N x C x ... and all others have C
/// values. With running statistics this is the form of evaluation; where mean and variance are computed
/// from x, gradients flow through them. Ioffe and Szegedy, 2015, https://arxiv.org/abs/1502.03167.
public struct BatchNormalization: Operator {
  /// Added to the variance.
  public let epsilon: Float

  /// The operator's name in messages.
  public var name: String { "batch normalisation" }

  /// Creates a batch normalisation.
  public init(epsilon: Float = 1e-5) { self.epsilon = epsilon }

  /// The result's extents: those of x.
  public func extents(of operands: [Extents]) throws(GraphError) -> Extents {
    guard operands.count == 5, operands[0].rank >= 2,
      operands[1...].allSatisfy({ $0 == [operands[0][1]] })
    else {
      throw .operands(
        operator: name, expected: "x of N x C x ... and four vectors of C values", found: operands)
    }
    return operands[0]
  }

  /// The value by definition.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func value<Scalar: TensorScalar>(
    of operands: [Tensor<Scalar>], shape: Shape
  ) -> Tensor<Scalar> {
    let (scale, shift, mean, variance) = (operands[1], operands[2], operands[3], operands[4])
    let inverse = variance.map { 1 / ($0 + Scalar(epsilon)).squareRoot() }
    let size = shape.extents[2...].reduce(1, *)
    var result = operands[0]
    for index in 0..<result.count {
      let channel = index / size % shape[1]
      let standard = (result[index] - mean[channel]) * inverse[channel]
      result[index] = scale[channel] * standard + shift[channel]
    }
    return result
  }

  /// The cotangents; x's is the arriving one times scale / sqrt(variance + epsilon).
  public func gradients(
    _ application: Application, in graph: inout GraphBuilder
  ) throws(GraphError) -> [Value?] {
    let (x, scale) = (application.operands[0], application.operands[1])
    let (mean, variance) = (application.operands[3], application.operands[4])
    let wanted = application.wanted
    let dy = application.cotangent
    let axes = (0..<graph.extents(of: x).rank).filter { $0 != 1 }
    let inverse = try graph.inverseDeviation(variance, epsilon: epsilon)
    let factor = try graph.multiply(scale, inverse)
    var gradients = [Value?](repeating: nil, count: 5)
    if wanted[0] {
      gradients[0] = try graph.multiply(dy, try graph.perChannel(factor, like: x))
    }
    if wanted[2] || wanted[3] {
      let sum = try graph.apply(Reduce(axes: axes), dy)
      gradients[2] = sum
      gradients[3] = try graph.scale(try graph.multiply(factor, sum), by: -1)
    }
    if wanted[1] || wanted[4] {
      let centred = try graph.subtract(x, try graph.perChannel(mean, like: x))
      let moment = try graph.apply(Reduce(axes: axes), try graph.multiply(dy, centred))
      gradients[1] = try graph.multiply(moment, inverse)
      let slope = try graph.multiply(factor, try graph.apply(Elementwise(.square), inverse))
      gradients[4] = try graph.scale(try graph.multiply(slope, moment), by: -0.5)
    }
    return zip(gradients, wanted).map { $1 ? $0 : nil }
  }
}
