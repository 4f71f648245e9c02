public import Tensors

/// Values joined along one axis other than the batch.
public struct Concatenate: Operator {
  /// The axis.
  public let axis: Int

  /// The operator's name in messages.
  public var name: String { "concatenation" }

  /// Creates a concatenation.
  public init(axis: Int) { self.axis = axis }

  /// The result's extents.
  public func extents(of operands: [Extents]) throws(GraphError) -> Extents {
    guard let first = operands.first, 0..<first.rank ~= axis,
      operands.allSatisfy({ operand in
        operand.rank == first.rank && operand[axis] != Extents.batch
          && operand.replacing(axis: axis, with: 0) == first.replacing(axis: axis, with: 0)
      })
    else {
      throw .operands(
        operator: name, expected: "operands that differ only along axis \(axis)", found: operands)
    }
    return first.replacing(axis: axis, with: operands.reduce(0) { $0 + $1[axis] })
  }

  /// The value by definition.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func value<Scalar: TensorScalar>(
    of operands: [Tensor<Scalar>], shape: Shape
  ) -> Tensor<Scalar> {
    let outer = shape.extents[..<axis].reduce(1, *)
    var scalars: [Scalar] = []
    scalars.reserveCapacity(shape.count)
    for position in 0..<outer {
      for operand in operands {
        let size = operand.count / max(outer, 1)
        scalars += operand.scalars[position * size..<(position + 1) * size]
      }
    }
    return Tensor(scalars, shape: shape)
  }

  /// The cotangents: the parts of the arriving one.
  public func gradients(
    _ application: Application, in graph: inout GraphBuilder
  ) throws(GraphError) -> [Value?] {
    var gradients: [Value?] = []
    var start = 0
    for (operand, wanted) in zip(application.operands, application.wanted) {
      let count = graph.extents(of: operand)[axis]
      gradients.append(
        wanted
          ? try graph.apply(
            Slice(axis: axis, range: start..<start + count), application.cotangent) : nil)
      start += count
    }
    return gradients
  }
}
