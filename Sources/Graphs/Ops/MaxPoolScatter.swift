public import Tensors

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
