public import Tensors

/// The product of two matrices, or of as many pairs as the leading axes hold, each optionally transposed first.
///
/// The matrices are the two innermost axes; all axes before them must be equal. A linear layer is x (N x I)
/// times weight (O x I) transposed; its weight gradient contracts the batch.
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
    guard operands.count == 2, operands[0].rank >= 2, operands[0].rank == operands[1].rank,
      operands[0].values.dropLast(2) == operands[1].values.dropLast(2)
    else {
      throw .operands(
        operator: name, expected: "two matrices, or as many on both sides", found: operands)
    }
    let (left, right) = (operands[0], operands[1])
    let first = left.rank - 2
    let rows = left[first + (transposesLeft ? 1 : 0)]
    let columns = right[first + (transposesRight ? 0 : 1)]
    guard left[first + (transposesLeft ? 0 : 1)] == right[first + (transposesRight ? 1 : 0)],
      columns != Extents.batch
    else {
      throw .operands(
        operator: name, expected: "equal inner extents and no batch but outermost", found: operands)
    }
    return Extents(left.values.dropLast(2) + [rows, columns])
  }

  /// The value by definition.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func value<Scalar: TensorScalar>(
    of operands: [Tensor<Scalar>], shape: Shape
  ) -> Tensor<Scalar> {
    let left = operands[0]
    let right = operands[1]
    let first = shape.rank - 2
    let (height, width) = (shape[first], shape[first + 1])
    let inner = left.shape[first + (transposesLeft ? 0 : 1)]
    let (leftRow, leftInner) = transposesLeft ? (1, height) : (inner, 1)
    let (rightInner, rightColumn) = transposesRight ? (1, inner) : (width, 1)
    var result = Tensor<Scalar>.zeros(shape)
    for pair in 0..<shape.extents[..<first].reduce(1, *) {
      let (leftStart, rightStart) = (pair * height * inner, pair * inner * width)
      for row in 0..<height {
        for column in 0..<width {
          var sum: Scalar = 0
          for k in 0..<inner {
            sum +=
              left[leftStart + row * leftRow + k * leftInner]
              * right[rightStart + k * rightInner + column * rightColumn]
          }
          result[(pair * height + row) * width + column] = sum
        }
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
