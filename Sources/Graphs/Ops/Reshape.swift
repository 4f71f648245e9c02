public import Tensors

/// The same values, in row-major order, in other extents; the batch stays outermost.
public struct Reshape: Operator {
  /// The result's extents.
  public let target: Extents

  /// The operator's name in messages.
  public var name: String { "reshape" }

  /// Creates a change of extents.
  public init(to target: Extents) { self.target = target }

  /// The result's extents.
  public func extents(of operands: [Extents]) throws(GraphError) -> Extents {
    guard operands.count == 1, operands[0].isBatched == target.isBatched,
      operands[0].countPerExample == target.countPerExample
    else {
      throw .operands(
        operator: name, expected: "one operand of as many values as \(target)", found: operands)
    }
    return target
  }

  /// The value by definition.
  public func value<Scalar: TensorScalar>(
    of operands: [Tensor<Scalar>], shape: Shape
  ) -> Tensor<Scalar> { operands[0].reshaped(to: shape) }

  /// The cotangent in the operand's extents.
  public func gradients(
    _ application: Application, in graph: inout GraphBuilder
  ) throws(GraphError) -> [Value?] {
    let extents = graph.extents(of: application.operands[0])
    return [try graph.apply(Reshape(to: extents), application.cotangent)]
  }
}

/// The same values with the axes in another order; the batch stays outermost.
public struct Transpose: Operator {
  /// For each axis of the result, the operand's axis that it is.
  public let permutation: [Int]

  /// The operator's name in messages.
  public var name: String { "transpose" }

  /// Creates a permutation of axes: axis i of the result is axis `permutation[i]` of the operand.
  public init(_ permutation: [Int]) { self.permutation = permutation }

  /// The result's extents.
  public func extents(of operands: [Extents]) throws(GraphError) -> Extents {
    guard operands.count == 1, permutation.sorted() == Array(0..<operands[0].rank),
      !operands[0].isBatched || permutation.first == 0
    else {
      throw .operands(
        operator: name, expected: "one operand with the axes \(permutation), the batch outermost",
        found: operands)
    }
    return Extents(permutation.map { operands[0][$0] })
  }

  /// The value by definition.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func value<Scalar: TensorScalar>(
    of operands: [Tensor<Scalar>], shape: Shape
  ) -> Tensor<Scalar> {
    let x = operands[0]
    let strides = x.shape.strides
    let own = shape.strides
    return Tensor(
      (0..<shape.count).map { index in
        var position = 0
        for axis in permutation.indices {
          position += index / own[axis] % shape[axis] * strides[permutation[axis]]
        }
        return x[position]
      }, shape: shape)
  }

  /// The cotangent with the axes in the operand's order.
  public func gradients(
    _ application: Application, in graph: inout GraphBuilder
  ) throws(GraphError) -> [Value?] {
    var inverse = permutation
    for (axis, source) in permutation.enumerated() { inverse[source] = axis }
    return [try graph.apply(Transpose(inverse), application.cotangent)]
  }
}
