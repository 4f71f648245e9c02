public import Tensors

/// One value added before and after along one axis other than the batch; with zero, the transpose of `Slice`.
public struct Pad: Operator {
  /// The axis.
  public let axis: Int
  /// Number of added positions before.
  public let before: Int
  /// Number of added positions after.
  public let after: Int
  /// What is added.
  public let value: Float

  /// The operator's name in messages.
  public var name: String { "padding" }

  /// Creates a padding.
  public init(axis: Int, before: Int, after: Int, value: Float = 0) {
    self.axis = axis
    self.before = before
    self.after = after
    self.value = value
  }

  /// The result's extents.
  public func extents(of operands: [Extents]) throws(GraphError) -> Extents {
    guard operands.count == 1, 0..<operands[0].rank ~= axis,
      operands[0][axis] != Extents.batch, before >= 0, after >= 0,
      !before.addingReportingOverflow(after).overflow
    else {
      throw .operands(
        operator: name, expected: "one operand with an axis \(axis)", found: operands)
    }
    return operands[0].replacing(axis: axis, with: operands[0][axis] + before + after)
  }

  /// The value by definition.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func value<Scalar: TensorScalar>(
    of operands: [Tensor<Scalar>], shape: Shape
  ) -> Tensor<Scalar> {
    let x = operands[0]
    let outer = shape.extents[..<axis].reduce(1, *)
    let inner = shape.extents[(axis + 1)...].reduce(1, *)
    let size = x.shape[axis] * inner
    var scalars: [Scalar] = []
    scalars.reserveCapacity(shape.count)
    for position in 0..<outer {
      scalars += repeatElement(Scalar(value), count: before * inner)
      scalars += x.scalars[position * size..<(position + 1) * size]
      scalars += repeatElement(Scalar(value), count: after * inner)
    }
    return Tensor(scalars, shape: shape)
  }

  /// The cotangent without the padding.
  public func gradients(
    _ application: Application, in graph: inout GraphBuilder
  ) throws(GraphError) -> [Value?] {
    let extent = graph.extents(of: application.operands[0])[axis]
    return [
      try graph.apply(
        Slice(axis: axis, range: before..<before + extent), application.cotangent)
    ]
  }
}
