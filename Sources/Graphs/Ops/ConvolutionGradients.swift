public import Tensors

/// The gradient of a convolution with respect to its input: (dy, weight) -> dx; a transposed convolution.
public struct ConvolutionInputGradient: Operator, SummingOperator {
  /// The convolution that is differentiated.
  public let convolution: Convolution
  /// Height and width of its input, which its output's do not determine.
  public let inputSize: Window.Pair

  /// The operator's name in messages.
  public var name: String { "convolution's input gradient" }

  /// Creates the gradient of a convolution of inputs of one size.
  public init(_ convolution: Convolution, inputSize: Window.Pair) {
    self.convolution = convolution
    self.inputSize = inputSize
  }

  /// The result's extents.
  public func extents(of operands: [Extents]) throws(GraphError) -> Extents {
    guard operands.count == 2, operands[0].rank == 4, operands[1].rank == 4,
      !operands[1].isBatched, operands[0][1] == operands[1][0],
      operands[1].spatial == convolution.window.kernel,
      convolution.groups >= 1, operands[1][0] % convolution.groups == 0,
      convolution.window.outputSize(of: inputSize) == operands[0].spatial
    else {
      throw .operands(operator: name, expected: "dy and weight that fit", found: operands)
    }
    return Extents([
      operands[0][0], operands[1][1] * convolution.groups, inputSize.height, inputSize.width,
    ])
  }

  /// The value by definition.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func value<Scalar: TensorScalar>(
    of operands: [Tensor<Scalar>], shape: Shape
  ) -> Tensor<Scalar> {
    value(of: operands, shape: shape, order: .forward)
  }

  /// The value with the channels of each sum added in an order.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func value<Scalar: TensorScalar>(
    of operands: [Tensor<Scalar>], shape: Shape, order: SummationOrder
  ) -> Tensor<Scalar> {
    let (dyShape, weightShape) = (operands[0].shape, operands[1].shape)
    return convolution.summing(operands[0], operands[1], to: shape) { dy, weight, dx in
      convolution.forEachProduct(x: shape, weight: weightShape, y: dyShape, order) { xi, wi, yi in
        dx[xi] += dy[yi] * weight[wi]
      }
    }
  }

  /// The cotangents: the convolution itself, and the weight gradient.
  public func gradients(
    _ application: Application, in graph: inout GraphBuilder
  ) throws(GraphError) -> [Value?] {
    let (dy, weight) = (application.operands[0], application.operands[1])
    return [
      application.wanted[0]
        ? try graph.apply(convolution, application.cotangent, weight) : nil,
      application.wanted[1]
        ? try graph.apply(ConvolutionWeightGradient(convolution), application.cotangent, dy) : nil,
    ]
  }
}

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
    let (xShape, dyShape) = (operands[0].shape, operands[1].shape)
    return convolution.summing(operands[0], operands[1], to: shape) { x, dy, dw in
      convolution.forEachProduct(x: xShape, weight: shape, y: dyShape) { xi, wi, yi in
        dw[wi] += x[xi] * dy[yi]
      }
    }
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
