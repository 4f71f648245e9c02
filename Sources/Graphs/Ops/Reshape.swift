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
