public import Tensors

/// The gradient of a convolution with respect to its weight: (x, dy) -> dweight, summed over the batch.
public struct ConvolutionWeightGradient: Operator {
  /// The convolution that is differentiated.
  public let convolution: Convolution

  /// The operator's name in messages.
  public var name: String { "convolution's weight gradient" }

  /// Creates the gradient of a convolution.
  public init(_ convolution: Convolution) { self.convolution = convolution }

  /// The result's extents.
  public func extents(of operands: [Extents]) throws(GraphError) -> Extents {
    guard operands.count == 2, operands[0].rank == 4, operands[1].rank == 4,
      operands[0][0] == operands[1][0], convolution.groups >= 1,
      operands[0][1] % convolution.groups == 0, operands[1][1] % convolution.groups == 0,
      convolution.window.outputSize(of: operands[0].spatial) == operands[1].spatial
    else {
      throw .operands(operator: name, expected: "x and dy that fit", found: operands)
    }
    let kernel = convolution.window.kernel
    return Extents([
      operands[1][1], operands[0][1] / convolution.groups, kernel.height, kernel.width,
    ])
  }

  /// The value by definition.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func value<Scalar: TensorScalar>(
    of operands: [Tensor<Scalar>], shape: Shape
  ) -> Tensor<Scalar> {
    let x = operands[0]
    let dy = operands[1]
    var result = Tensor<Scalar>.zeros(shape)
    convolution.forEachProduct(x: x.shape, weight: shape, y: dy.shape) { xi, wi, yi in
      result[wi] += x[xi] * dy[yi]
    }
    return result
  }

  /// The cotangents: the product is linear in x and in dy.
  public func gradients(
    _ application: Application, in graph: inout GraphBuilder
  ) throws(GraphError) -> [Value?] {
    let (x, dy) = (application.operands[0], application.operands[1])
    let size = graph.extents(of: x).spatial
    return [
      application.wanted[0]
        ? try graph.apply(
          ConvolutionInputGradient(convolution, inputSize: size), dy, application.cotangent) : nil,
      application.wanted[1] ? try graph.apply(convolution, x, application.cotangent) : nil,
    ]
  }
}
