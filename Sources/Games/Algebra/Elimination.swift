extension Matrix {
  /// The solution of a system whose right side is the last column, by elimination with exchanged rows.
  ///
  /// - Returns: The solution; `nil` where the system is singular up to rounding.
  func eliminated() -> [Double]? {
    precondition(columns == rows + 1, "\(rows) equations with \(columns - 1) unknowns")
    var work = self
    let scale = max(values.map(abs).max() ?? 0, .leastNormalMagnitude)
    for column in 0..<rows {
      guard
        let pivot = (column..<rows).max(by: { abs(work[$0, column]) < abs(work[$1, column]) }),
        abs(work[pivot, column]) > 1e-12 * scale
      else { return nil }
      if pivot != column {
        for place in 0..<columns {
          (work[pivot, place], work[column, place]) = (work[column, place], work[pivot, place])
        }
      }
      for row in column + 1..<max(rows, column + 1) {
        let factor = work[row, column] / work[column, column]
        guard factor != 0 else { continue }
        for place in column..<columns { work[row, place] -= factor * work[column, place] }
      }
    }
    var solution = [Double](repeating: 0, count: rows)
    for row in (0..<rows).reversed() {
      var sum = work[row, rows]
      for place in row + 1..<max(rows, row + 1) { sum -= work[row, place] * solution[place] }
      solution[row] = sum / work[row, row]
    }
    return solution
  }
}
