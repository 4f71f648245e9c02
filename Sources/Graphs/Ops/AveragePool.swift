public import Tensors

/// The mean under a window, channel by channel.
public struct AveragePool: Operator {
  /// The window; its dilation must be 1.
  public let window: Window
  /// Whether padding counts as zeros in the mean.
  public let countsPadding: Bool

  /// The operator's name in messages.
  public var name: String { "average pooling" }

  /// Creates an average pooling.
  public init(_ window: Window, countsPadding: Bool = true) {
    self.window = window
    self.countsPadding = countsPadding
  }

  /// The result's extents.
  public func extents(of operands: [Extents]) throws(GraphError) -> Extents {
    try window.pooledExtents(of: operands, operator: name)
  }

  /// The value by definition.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func value<Scalar: TensorScalar>(
    of operands: [Tensor<Scalar>], shape: Shape
  ) -> Tensor<Scalar> {
    let x = operands[0]
    var result = Tensor<Scalar>.zeros(shape)
    forEachTerm(input: x.shape, output: shape) { inputIndex, outputIndex, count in
      result[outputIndex] += x[inputIndex] / Scalar(count)
    }
    return result
  }

  /// The cotangent, spread evenly under the window.
  public func gradients(
    _ application: Application, in graph: inout GraphBuilder
  ) throws(GraphError) -> [Value?] {
    let size = graph.extents(of: application.operands[0]).spatial
    return [
      try graph.apply(AveragePoolGradient(self, inputSize: size), application.cotangent)
    ]
  }

  /// Calls `body` for each summand of the means, with the number of summands.
  @inline(__always)
  func forEachTerm(
    input: Shape, output: Shape, _ body: (_ input: Int, _ output: Int, _ count: Int) -> Void
  ) {
    let size = Window.Pair(input[2], input[3])
    for plane in 0..<output[0] * output[1] {
      let start = plane * size.height * size.width
      for row in 0..<output[2] {
        for column in 0..<output[3] {
          var inside = 0
          window.forEachElement(atRow: row, column: column, of: size) { _, _, _, _ in inside += 1 }
          let count = countsPadding ? window.kernel.height * window.kernel.width : inside
          let position = (plane * output[2] + row) * output[3] + column
          window.forEachElement(atRow: row, column: column, of: size) { _, _, inRow, inColumn in
            body(start + inRow * size.width + inColumn, position, count)
          }
        }
      }
    }
  }
}

/// The gradient of average pooling: dy -> dx.
public struct AveragePoolGradient: Operator {
  /// The pooling that is differentiated.
  public let pooling: AveragePool
  /// Height and width of its input.
  public let inputSize: Window.Pair

  /// The operator's name in messages.
  public var name: String { "average pooling's gradient" }

  /// Creates the gradient of an average pooling of inputs of one size.
  public init(_ pooling: AveragePool, inputSize: Window.Pair) {
    self.pooling = pooling
    self.inputSize = inputSize
  }

  /// The result's extents.
  public func extents(of operands: [Extents]) throws(GraphError) -> Extents {
    guard operands.count == 1, operands[0].rank == 4,
      pooling.window.outputSize(of: inputSize) == operands[0].spatial
    else {
      throw .operands(operator: name, expected: "dy that fits", found: operands)
    }
    return Extents([operands[0][0], operands[0][1], inputSize.height, inputSize.width])
  }

  /// The value by definition.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func value<Scalar: TensorScalar>(
    of operands: [Tensor<Scalar>], shape: Shape
  ) -> Tensor<Scalar> {
    let dy = operands[0]
    var result = Tensor<Scalar>.zeros(shape)
    pooling.forEachTerm(input: shape, output: dy.shape) { inputIndex, outputIndex, count in
      result[inputIndex] += dy[outputIndex] / Scalar(count)
    }
    return result
  }

  /// The cotangent: the pooling itself, since it is linear.
  public func gradients(
    _ application: Application, in graph: inout GraphBuilder
  ) throws(GraphError) -> [Value?] { [try graph.apply(pooling, application.cotangent)] }
}
