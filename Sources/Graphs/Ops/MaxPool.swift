public import Tensors

/// The largest value under a window, channel by channel; padding never wins, the first of equals does.
public struct MaxPool: Operator {
  /// The window.
  public let window: Window

  /// The operator's name in messages.
  public var name: String { "max pooling" }

  /// Creates a max pooling.
  public init(_ window: Window) { self.window = window }

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
    return Tensor(winners(of: x, shape: shape).map { x[$0] }, shape: shape)
  }

  /// The cotangent, moved to the winners.
  public func gradients(
    _ application: Application, in graph: inout GraphBuilder
  ) throws(GraphError) -> [Value?] {
    [try graph.apply(MaxPoolScatter(self), application.cotangent, application.operands[0])]
  }

  /// The position in x of the largest value under each position of the window.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func winners<Scalar: TensorScalar>(of x: Tensor<Scalar>, shape: Shape) -> [Int] {
    var winners: [Int] = []
    winners.reserveCapacity(shape.count)
    let size = Window.Pair(x.shape[2], x.shape[3])
    for plane in 0..<shape[0] * shape[1] {
      let start = plane * size.height * size.width
      for row in 0..<shape[2] {
        for column in 0..<shape[3] {
          var best: Int?
          window.forEachElement(atRow: row, column: column, of: size) { _, _, inRow, inColumn in
            let index = start + inRow * size.width + inColumn
            guard let current = best else {
              best = index
              return
            }
            if x[index] > x[current] || (x[index].isNaN && !x[current].isNaN) { best = index }
          }
          winners.append(best ?? start)
        }
      }
    }
    return winners
  }
}

extension Window {
  /// The extents after pooling N x C x H x W.
  func pooledExtents(of operands: [Extents], operator name: String) throws(GraphError) -> Extents {
    guard operands.count == 1, operands[0].rank == 4,
      let size = outputSize(of: operands[0].spatial), alwaysMeets(operands[0].spatial)
    else {
      throw .operands(
        operator: name,
        expected: "N x C x H x W that the window fits and always meets", found: operands)
    }
    return Extents([operands[0][0], operands[0][1], size.height, size.width])
  }
}

/// The gradient of max pooling: (dy, x) -> dx, each dy added where the window's largest x stands.
public struct MaxPoolScatter: Operator {
  /// The pooling that is differentiated.
  public let pooling: MaxPool

  /// The operator's name in messages.
  public var name: String { "max pooling's gradient" }

  /// Creates the gradient of a max pooling.
  public init(_ pooling: MaxPool) { self.pooling = pooling }

  /// The result's extents: those of x.
  public func extents(of operands: [Extents]) throws(GraphError) -> Extents {
    guard operands.count == 2, try pooling.extents(of: [operands[1]]) == operands[0] else {
      throw .operands(operator: name, expected: "dy and x that fit", found: operands)
    }
    return operands[1]
  }

  /// The value by definition.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func value<Scalar: TensorScalar>(
    of operands: [Tensor<Scalar>], shape: Shape
  ) -> Tensor<Scalar> {
    let (dy, x) = (operands[0], operands[1])
    var result = Tensor<Scalar>.zeros(shape)
    for (index, winner) in pooling.winners(of: x, shape: dy.shape).enumerated() {
      result[winner] += dy[index]
    }
    return result
  }

  /// The cotangents: linear in dy, constant in x almost everywhere.
  public func gradients(
    _ application: Application, in graph: inout GraphBuilder
  ) throws(GraphError) -> [Value?] {
    [
      application.wanted[0]
        ? try graph.apply(
          MaxPoolGather(pooling), application.cotangent, application.operands[1]) : nil, nil,
    ]
  }
}

/// The transpose of `MaxPoolScatter`: (v, x) -> the v that stands where the window's largest x does.
public struct MaxPoolGather: Operator {
  /// The pooling whose winners are gathered.
  public let pooling: MaxPool

  /// The operator's name in messages.
  public var name: String { "max pooling's gather" }

  /// Creates the gathering of a max pooling's winners.
  public init(_ pooling: MaxPool) { self.pooling = pooling }

  /// The result's extents: those of the pooled x.
  public func extents(of operands: [Extents]) throws(GraphError) -> Extents {
    try pooling.extents(of: [try extentsOfEqualPair(operands)])
  }

  /// The value by definition.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func value<Scalar: TensorScalar>(
    of operands: [Tensor<Scalar>], shape: Shape
  ) -> Tensor<Scalar> {
    let (values, x) = (operands[0], operands[1])
    return Tensor(pooling.winners(of: x, shape: shape).map { values[$0] }, shape: shape)
  }

  /// The cotangents: linear in v, constant in x almost everywhere.
  public func gradients(
    _ application: Application, in graph: inout GraphBuilder
  ) throws(GraphError) -> [Value?] {
    [
      application.wanted[0]
        ? try graph.apply(
          MaxPoolScatter(pooling), application.cotangent, application.operands[1]) : nil, nil,
    ]
  }
}
