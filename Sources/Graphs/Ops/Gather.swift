public import Tensors

/// The positions that constant indices name along one axis other than the batch, in their order.
///
/// Its transpose adds each cotangent to the position that it came from.
public struct Gather: Operator {
  /// The positions, from 0.
  public let indices: [Int]
  /// The axis.
  public let axis: Int

  /// The operator's name in messages.
  public var name: String { "gathering" }

  /// Creates a gathering.
  public init(indices: [Int], axis: Int) {
    self.indices = indices
    self.axis = axis
  }

  /// The result's extents.
  public func extents(of operands: [Extents]) throws(GraphError) -> Extents {
    guard operands.count == 1, 0..<operands[0].rank ~= axis, operands[0][axis] != Extents.batch,
      indices.allSatisfy({ 0 <= $0 && $0 < operands[0][axis] })
    else {
      throw .operands(
        operator: name,
        expected: "one operand with all \(indices.count) indices along axis \(axis)",
        found: operands)
    }
    return operands[0].replacing(axis: axis, with: indices.count)
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
    for block in 0..<outer {
      for index in indices {
        let start = (block * x.shape[axis] + index) * inner
        scalars += x.scalars[start..<start + inner]
      }
    }
    return Tensor(scalars, shape: shape)
  }

  /// The cotangent, added at the indices.
  public func gradients(
    _ application: Application, in graph: inout GraphBuilder
  ) throws(GraphError) -> [Value?] {
    let extent = graph.extents(of: application.operands[0])[axis]
    let selection = SparseMatrix(selecting: indices, of: extent)
    return [
      try graph.apply(SparseProduct(selection.transposed, axis: axis), application.cotangent)
    ]
  }
}
