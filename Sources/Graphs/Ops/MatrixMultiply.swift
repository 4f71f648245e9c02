public import Tensors

/// The product of two matrices, or of as many pairs as the leading axes hold, each optionally transposed first.
///
/// The matrices are the two innermost axes; all axes before them must be equal, or one operand is a single matrix,
/// which meets all of the other. A linear layer is x (N x I) times weight (O x I) transposed; its weight
/// gradient contracts the batch.
public struct MatrixMultiply: Operator {
  /// Whether the left operand is transposed.
  public let transposesLeft: Bool
  /// Whether the right operand is transposed.
  public let transposesRight: Bool
  /// Whether the products of all pairs are added up.
  public let addsPairs: Bool

  /// The operator's name in messages.
  public var name: String { "matrix product" }

  /// Creates a product of matrices.
  public init(
    transposesLeft: Bool = false, transposesRight: Bool = false, addsPairs: Bool = false
  ) {
    self.transposesLeft = transposesLeft
    self.transposesRight = transposesRight
    self.addsPairs = addsPairs
  }

  /// The result's extents.
  public func extents(of operands: [Extents]) throws(GraphError) -> Extents {
    guard operands.count == 2, operands[0].rank >= 2, operands[1].rank >= 2,
      let leading = leading(operands[0], operands[1])
    else {
      throw .operands(
        operator: name,
        expected: addsPairs
          ? "as many matrices on both sides, of rank above 2"
          : "two matrices, as many on both sides, or one that does not depend on the batch",
        found: operands)
    }
    let (left, right) = (operands[0], operands[1])
    let rows = left[left.rank - (transposesLeft ? 1 : 2)]
    let columns = right[right.rank - (transposesRight ? 2 : 1)]
    guard
      left[left.rank - (transposesLeft ? 2 : 1)] == right[right.rank - (transposesRight ? 1 : 2)],
      columns != Extents.batch
    else {
      throw .operands(
        operator: name, expected: "equal inner extents and no batch but outermost", found: operands)
    }
    return Extents((addsPairs ? [] : leading) + [rows, columns])
  }

  /// The axes before those of the matrices; `nil` if the operands do not agree on them.
  private func leading(_ left: Extents, _ right: Extents) -> [Int]? {
    let (first, second) = (Array(left.values.dropLast(2)), Array(right.values.dropLast(2)))
    if addsPairs { return first == second && !first.isEmpty ? first : nil }
    if first == second { return first }
    if second.isEmpty { return right.isBatched ? nil : first }
    return first.isEmpty && !left.isBatched ? second : nil
  }

  /// The value by definition.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func value<Scalar: TensorScalar>(
    of operands: [Tensor<Scalar>], shape: Shape
  ) -> Tensor<Scalar> {
    let (left, right) = (operands[0], operands[1])
    let (height, width) = (shape[shape.rank - 2], shape[shape.rank - 1])
    let inner = left.shape[left.shape.rank - (transposesLeft ? 2 : 1)]
    let (leftRow, leftInner) = transposesLeft ? (1, height) : (inner, 1)
    let (rightInner, rightColumn) = transposesRight ? (1, inner) : (width, 1)
    let leading = (left.shape.rank > right.shape.rank ? left : right).shape.extents.dropLast(2)
    let leftSize = left.shape.rank > 2 ? height * inner : 0
    let rightSize = right.shape.rank > 2 ? inner * width : 0
    var result = Tensor<Scalar>.zeros(shape)
    for pair in 0..<leading.reduce(1, *) {
      let target = addsPairs ? 0 : pair * height * width
      for row in 0..<height {
        for column in 0..<width {
          var sum: Scalar = 0
          for k in 0..<inner {
            sum +=
              left[pair * leftSize + row * leftRow + k * leftInner]
              * right[pair * rightSize + k * rightInner + column * rightColumn]
          }
          result[target + row * width + column] += sum
        }
      }
    }
    return result
  }

  /// The cotangents: products of the cotangent with the other operand, added up where one matrix met many.
  public func gradients(
    _ application: Application, in graph: inout GraphBuilder
  ) throws(GraphError) -> [Value?] {
    let (left, right) = (application.operands[0], application.operands[1])
    let dy = application.cotangent
    let ranks = (left: graph.extents(of: left).rank, right: graph.extents(of: right).rank)
    func product(_ transposesLeft: Bool, _ transposesRight: Bool, adds: Bool) -> MatrixMultiply {
      MatrixMultiply(
        transposesLeft: transposesLeft, transposesRight: transposesRight, addsPairs: adds)
    }
    var gradients: [Value?] = [nil, nil]
    if application.wanted[0] {
      let adds = ranks.left < ranks.right
      gradients[0] =
        transposesLeft
        ? try graph.apply(product(transposesRight, true, adds: adds), right, dy)
        : try graph.apply(product(false, !transposesRight, adds: adds), dy, right)
    }
    if application.wanted[1] {
      let adds = ranks.right < ranks.left
      gradients[1] =
        transposesRight
        ? try graph.apply(product(true, transposesLeft, adds: adds), dy, left)
        : try graph.apply(product(!transposesLeft, false, adds: adds), left, dy)
    }
    return gradients
  }
}

extension MatrixMultiply: SummingOperator {
  /// The value with the products of each sum added in an order, four sums at a time.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func value<Scalar: TensorScalar>(
    of operands: [Tensor<Scalar>], shape: Shape, order: SummationOrder
  ) -> Tensor<Scalar> {
    let (left, right) = (operands[0], operands[1])
    let (height, width) = (shape[shape.rank - 2], shape[shape.rank - 1])
    let inner = left.shape[left.shape.rank - (transposesLeft ? 2 : 1)]
    let (leftRow, leftInner) = transposesLeft ? (1, height) : (inner, 1)
    let (rightInner, rightColumn) = transposesRight ? (1, inner) : (width, 1)
    let leading = (left.shape.rank > right.shape.rank ? left : right).shape.extents.dropLast(2)
    let leftSize = left.shape.rank > 2 ? height * inner : 0
    let rightSize = right.shape.rank > 2 ? inner * width : 0
    let pairs = order.places(of: leading.reduce(1, *))
    let places = order.places(of: inner)
    return Tensor(shape: shape) { result in
      result.update(repeating: 0)
      left.withUnsafeScalars { left in
        right.withUnsafeScalars { right in
          for pair in pairs {
            let target = addsPairs ? 0 : pair * height * width
            for row in 0..<height {
              let leftStart = pair * leftSize + row * leftRow
              let rightStart = pair * rightSize
              var column = 0
              while column < width {
                // Where fewer than four columns are left they are taken one by one.
                let isRest = column + 4 > width
                let step = isRest ? 0 : rightColumn
                let start = rightStart + column * rightColumn
                var (a, b, c, d) = (Scalar.zero, Scalar.zero, Scalar.zero, Scalar.zero)
                for k in places {
                  let factor = left[leftStart + k * leftInner]
                  let position = start + k * rightInner
                  a += factor * right[position]
                  b += factor * right[position + step]
                  c += factor * right[position + 2 * step]
                  d += factor * right[position + 3 * step]
                }
                let first = target + row * width + column
                result[first] += a
                if !isRest {
                  result[first + 1] += b
                  result[first + 2] += c
                  result[first + 3] += d
                }
                column += isRest ? 1 : 4
              }
            }
          }
        }
      }
    }
  }
}
