public import Tensors

/// The mean under a window, channel by channel.
public struct AveragePool: Operator, SummingOperator {
  /// The window.
  public let window: Window
  /// Whether padding counts as zeros in the mean.
  public let countsPadding: Bool
  /// How many of the last added rows and columns never count, such as those that rounding the size up adds.
  public let uncounted: Window.Pair

  /// The operator's name in messages.
  public var name: String { "average pooling" }

  /// Creates an average pooling.
  public init(_ window: Window, countsPadding: Bool = true, uncounted: Window.Pair = 0) {
    self.window = window
    self.countsPadding = countsPadding
    self.uncounted = uncounted
  }

  /// The result's extents.
  public func extents(of operands: [Extents]) throws(GraphError) -> Extents {
    guard uncounted.height >= 0, uncounted.height <= window.paddingAfter.height,
      uncounted.width >= 0, uncounted.width <= window.paddingAfter.width
    else {
      throw .operands(
        operator: name, expected: "no more uncounted rows and columns than are added",
        found: operands)
    }
    return try window.pooledExtents(of: operands, operator: name)
  }

  /// The value by definition.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func value<Scalar: TensorScalar>(
    of operands: [Tensor<Scalar>], shape: Shape
  ) -> Tensor<Scalar> {
    value(of: operands, shape: shape, order: .forward)
  }

  /// The value with the terms of each mean added in an order.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func value<Scalar: TensorScalar>(
    of operands: [Tensor<Scalar>], shape: Shape, order: SummationOrder
  ) -> Tensor<Scalar> {
    let x = operands[0]
    var result = Tensor<Scalar>.zeros(shape)
    forEachTerm(input: x.shape, output: shape, order) { inputIndex, outputIndex, count in
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

  /// The pooling as a product along the height and one along the width, for inputs of one size that it accepts.
  package func factors(of size: Window.Pair) -> (height: SparseMatrix, width: SparseMatrix) {
    let lines = lines(of: size)
    return (lines.height.means, lines.width.means)
  }

  private func lines(of size: Window.Pair) -> (height: Line, width: Line) {
    (
      Line(
        size: size.height, kernel: window.kernel.height, stride: window.stride.height,
        dilation: window.dilation.height, before: window.paddingBefore.height,
        after: window.paddingAfter.height,
        counted: countsPadding ? window.paddingAfter.height - uncounted.height : nil),
      Line(
        size: size.width, kernel: window.kernel.width, stride: window.stride.width,
        dilation: window.dilation.width, before: window.paddingBefore.width,
        after: window.paddingAfter.width,
        counted: countsPadding ? window.paddingAfter.width - uncounted.width : nil)
    )
  }

  /// One axis under the window.
  private struct Line {
    let size: Int
    let kernel: Int
    let stride: Int
    let dilation: Int
    let before: Int
    let after: Int
    /// How much of the padding after counts; `nil` if no padding does.
    let counted: Int?

    /// The positions that the window has at each step, and by what the sum is divided.
    var terms: [(positions: [Int], count: Int)] {
      let steps = (size + before + after - (dilation * (kernel - 1) + 1)) / stride + 1
      return (0..<steps).map { step in
        let positions = (0..<kernel).map { step * stride - before + $0 * dilation }
        let inside = positions.filter { 0..<size ~= $0 }
        guard let counted else { return (inside, inside.count) }
        return (inside, positions.count { $0 < size + counted })
      }
    }

    var means: SparseMatrix {
      SparseMatrix(
        rows: terms.map { positions, count in positions.map { .init($0, 1 / Float(count)) } },
        columnCount: size)
    }
  }

  /// Calls `body` for each summand of the means, with the number of summands.
  @inline(__always)
  func forEachTerm(
    input: Shape, output: Shape, _ order: SummationOrder = .forward,
    _ body: (_ input: Int, _ output: Int, _ count: Int) -> Void
  ) {
    let lines = lines(of: Window.Pair(input[2], input[3]))
    func ordered(_ terms: [(positions: [Int], count: Int)]) -> [(positions: [Int], count: Int)] {
      terms.map { positions, count in
        (order.places(of: positions.count).map { positions[$0] }, count)
      }
    }
    let (rows, columns) = (ordered(lines.height.terms), ordered(lines.width.terms))
    for plane in 0..<output[0] * output[1] {
      for (row, vertical) in rows.enumerated() {
        for (column, horizontal) in columns.enumerated() {
          let position = (plane * output[2] + row) * output[3] + column
          for inRow in vertical.positions {
            for inColumn in horizontal.positions {
              body(
                (plane * input[2] + inRow) * input[3] + inColumn, position,
                vertical.count * horizontal.count)
            }
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
      pooling.window.outputSize(of: inputSize) == operands[0].spatial,
      pooling.window.alwaysMeets(inputSize)
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
