public import Tensors

/// A range along one axis other than the batch; the transpose of `Pad`.
public struct Slice: Operator {
  /// The axis.
  public let axis: Int
  /// The positions that are kept.
  public let range: Range<Int>

  /// The operator's name in messages.
  public var name: String { "slice" }

  /// Creates a slice.
  public init(axis: Int, range: Range<Int>) {
    self.axis = axis
    self.range = range
  }

  /// The result's extents.
  public func extents(of operands: [Extents]) throws(GraphError) -> Extents {
    guard operands.count == 1, 0..<operands[0].rank ~= axis,
      operands[0][axis] != Extents.batch, range.lowerBound >= 0,
      range.upperBound <= operands[0][axis]
    else {
      throw .operands(
        operator: name, expected: "one operand with \(range) along axis \(axis)", found: operands)
    }
    return operands[0].replacing(axis: axis, with: range.count)
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
    var scalars: [Scalar] = []
    scalars.reserveCapacity(shape.count)
    for position in 0..<outer {
      let start = (position * x.shape[axis] + range.lowerBound) * inner
      scalars += x.scalars[start..<start + range.count * inner]
    }
    return Tensor(scalars, shape: shape)
  }

  /// The cotangent, surrounded by zeros.
  public func gradients(
    _ application: Application, in graph: inout GraphBuilder
  ) throws(GraphError) -> [Value?] {
    let extent = graph.extents(of: application.operands[0])[axis]
    return [
      try graph.apply(
        Pad(axis: axis, before: range.lowerBound, after: extent - range.upperBound),
        application.cotangent)
    ]
  }
}
