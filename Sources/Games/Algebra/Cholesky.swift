extension Matrix {
  /// Solves a symmetric positive definite system by Cholesky's factors.
  ///
  /// - Parameter right: The right side.
  /// - Returns: The solution; `nil` where the matrix is not positive definite up to rounding.
  /// - Complexity: A third of the third power of the number of rows.
  package func solvePositive(_ right: [Double]) -> [Double]? {
    precondition(rows == columns && right.count == rows, "a system that is not square")
    var factor = self
    let scale = (0..<rows).map { abs(self[$0, $0]) }.max() ?? 0
    for row in 0..<rows {
      for column in 0...row {
        var sum = self[row, column]
        for place in 0..<column { sum -= factor[row, place] * factor[column, place] }
        if row == column {
          guard sum > 1e-15 * scale, sum.isFinite else { return nil }
          factor[row, row] = sum.squareRoot()
        } else {
          factor[row, column] = sum / factor[column, column]
        }
      }
    }
    var solution = right
    for row in 0..<rows {
      for place in 0..<row { solution[row] -= factor[row, place] * solution[place] }
      solution[row] /= factor[row, row]
    }
    for row in (0..<rows).reversed() {
      for place in row + 1..<max(rows, row + 1) {
        solution[row] -= factor[place, row] * solution[place]
      }
      solution[row] /= factor[row, row]
    }
    return solution
  }
}
