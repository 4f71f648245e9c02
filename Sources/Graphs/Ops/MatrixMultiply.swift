public import Tensors

/// The product of two matrices, each optionally transposed first.
///
/// A linear layer is x (N x I) times weight (O x I) transposed; its weight gradient contracts the batch.
public struct MatrixMultiply: Operator {
  /// Whether the left operand is transposed.
  public let transposesLeft: Bool
  /// Whether the right operand is transposed.
  public let transposesRight: Bool

  /// The operator's name in messages.
  public var name: String { "matrix product" }

  /// Creates a product of matrices.
  public init(transposesLeft: Bool = false, transposesRight: Bool = false) {
    self.transposesLeft = transposesLeft
    self.transposesRight = transposesRight
  }

  /// The result's extents.
  public func extents(of operands: [Extents]) throws(GraphError) -> Extents {
    guard operands.count == 2, operands[0].rank == 2, operands[1].rank == 2 else {
      throw .operands(operator: name, expected: "two matrices", found: operands)
    }
    let (left, right) = (operands[0], operands[1])
    let rows = left[transposesLeft ? 1 : 0]
    let columns = right[transposesRight ? 0 : 1]
    guard left[transposesLeft ? 0 : 1] == right[transposesRight ? 1 : 0],
      columns != Extents.batch
    else {
      throw .operands(
        operator: name, expected: "equal inner extents and no batch but outermost", found: operands)
    }
    return Extents([rows, columns])
  }

  /// The value by definition.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func value<Scalar: TensorScalar>(
    of operands: [Tensor<Scalar>], shape: Shape
  ) -> Tensor<Scalar> {
    let left = operands[0]
    let right = operands[1]
    let inner = left.shape[transposesLeft ? 0 : 1]
    let (leftRow, leftInner) = transposesLeft ? (1, left.shape[1]) : (left.shape[1], 1)
    let (rightInner, rightColumn) = transposesRight ? (1, right.shape[1]) : (right.shape[1], 1)
    var result = Tensor<Scalar>.zeros(shape)
    for row in 0..<shape[0] {
      for column in 0..<shape[1] {
        var sum: Scalar = 0
        for k in 0..<inner {
          sum += left[row * leftRow + k * leftInner] * right[k * rightInner + column * rightColumn]
        }
        result[row * shape[1] + column] = sum
      }
    }
    return result
  }

  /// The cotangents: products of the cotangent with the other operand.
  public func gradients(
    _ application: Application, in graph: inout GraphBuilder
  ) throws(GraphError) -> [Value?] {
    let (left, right) = (application.operands[0], application.operands[1])
    let dy = application.cotangent
    var gradients: [Value?] = [nil, nil]
    if application.wanted[0] {
      gradients[0] =
        transposesLeft
        ? try graph.apply(
          MatrixMultiply(transposesLeft: transposesRight, transposesRight: true), right, dy)
        : try graph.apply(
          MatrixMultiply(transposesLeft: false, transposesRight: !transposesRight), dy, right)
    }
    if application.wanted[1] {
      gradients[1] =
        transposesRight
        ? try graph.apply(
          MatrixMultiply(transposesLeft: true, transposesRight: transposesLeft), dy, left)
        : try graph.apply(
          MatrixMultiply(transposesLeft: !transposesLeft, transposesRight: false), left, dy)
    }
    return gradients
  }
}
