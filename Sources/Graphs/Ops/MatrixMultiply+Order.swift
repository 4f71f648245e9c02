import Tensors

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
