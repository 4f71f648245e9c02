public import Tensors

/// The product of a constant sparse matrix and a value along one axis other than the batch.
///
/// Position i of the result along the axis is the sum over j of weight (i, j) times position j of the operand.
/// Interpolation, scattering and pooling by means are such products, one axis after the other.
public struct SparseProduct: Operator {
  /// The axis.
  public let axis: Int
  /// The matrix: as many columns as the operand has positions.
  public let matrix: SparseMatrix

  /// The operator's name in messages.
  public var name: String { "sparse product" }

  /// Creates a product along an axis.
  public init(_ matrix: SparseMatrix, axis: Int) {
    self.axis = axis
    self.matrix = matrix
  }

  /// The result's extents.
  public func extents(of operands: [Extents]) throws(GraphError) -> Extents {
    guard operands.count == 1, 0..<operands[0].rank ~= axis,
      operands[0][axis] == matrix.columnCount
    else {
      throw .operands(
        operator: name, expected: "one operand with \(matrix.columnCount) along axis \(axis)",
        found: operands)
    }
    return operands[0].replacing(axis: axis, with: matrix.rowCount)
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
    var result = Tensor<Scalar>.zeros(shape)
    for block in 0..<outer {
      for row in 0..<matrix.rowCount {
        let target = (block * matrix.rowCount + row) * inner
        for entry in matrix.starts[row]..<matrix.starts[row + 1] {
          let source = (block * matrix.columnCount + matrix.columns[entry]) * inner
          let weight = Scalar(matrix.weights[entry])
          for i in 0..<inner { result[target + i] += weight * x[source + i] }
        }
      }
    }
    return result
  }

  /// The cotangent times the transposed matrix.
  public func gradients(
    _ application: Application, in graph: inout GraphBuilder
  ) throws(GraphError) -> [Value?] {
    [try graph.apply(SparseProduct(matrix.transposed, axis: axis), application.cotangent)]
  }
}
