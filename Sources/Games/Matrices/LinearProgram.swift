/// The largest c^T y with A y <= b and y >= 0, for b >= 0.
///
/// Dantzig's simplex method on the whole tableau, in double precision. The entering column is the one that raises the
/// value fastest; after as many steps as there are numbers without any rise, Bland's rule takes over, which cannot
/// cycle (Bland, "New finite pivoting rules for the simplex method", 1977).
struct LinearProgram {
  /// The largest value.
  let value: Double
  /// y.
  let solution: [Double]
  /// The price of each row of A: the solution of the dual program.
  let prices: [Double]

  private static let tolerance = 1e-12

  /// Solves a program.
  ///
  /// - Parameters:
  ///   - objective: c.
  ///   - matrix: A.
  ///   - limits: b, at least 0.
  /// - Throws: `GameError` where the value has no bound, or rounding lets the method find no end.
  init(maximizing objective: [Double], _ matrix: Matrix, atMost limits: [Double]) throws(GameError)
  {
    precondition(limits.allSatisfy { $0 >= 0 }, "a limit below zero")
    let (m, n) = (matrix.rows, matrix.columns)
    // The last row is the objective, the last column the limits.
    var table = Matrix(rows: m + 1, columns: n + m + 1)
    for row in 0..<m {
      for column in 0..<n { table[row, column] = matrix[row, column] }
      table[row, n + row] = 1
      table[row, n + m] = limits[row]
    }
    for column in 0..<n { table[m, column] = -objective[column] }
    var basis = (n..<n + m).map { $0 }
    var idle = 0
    var steps = 0
    while let entering = Self.entering(table, usesBland: idle > m + n) {
      guard let leaving = Self.leaving(table, entering, basis) else {
        throw GameError("a linear program has no bound")
      }
      steps += 1
      guard steps < 1000 * (m + n) else {
        throw GameError(
          "a linear program found no end in \(steps) steps; payoffs differ too much in size")
      }
      let before = table[m, n + m]
      Self.pivot(&table, leaving, entering)
      basis[leaving] = entering
      idle = table[m, n + m] > before ? 0 : idle + 1
    }
    var solution = [Double](repeating: 0, count: n)
    for (row, variable) in basis.enumerated() where variable < n {
      solution[variable] = table[row, n + m]
    }
    self.solution = solution
    prices = (0..<m).map { max(0, table[m, n + $0]) }
    value = table[m, n + m]
  }

  private static func entering(_ table: Matrix, usesBland: Bool) -> Int? {
    let last = table.rows - 1
    var best: Int?
    for column in 0..<table.columns - 1 where table[last, column] < -tolerance {
      if usesBland { return column }
      if let place = best, table[last, place] <= table[last, column] { continue }
      best = column
    }
    return best
  }

  /// The row of the least ratio; of equal ones that whose variable comes first, as Bland's rule wants it.
  private static func leaving(_ table: Matrix, _ entering: Int, _ basis: [Int]) -> Int? {
    var best: (row: Int, ratio: Double)?
    for row in 0..<table.rows - 1 where table[row, entering] > tolerance {
      let ratio = table[row, table.columns - 1] / table[row, entering]
      if let found = best {
        let isTie = abs(ratio - found.ratio) <= 1e-13 * max(1, abs(ratio))
        guard isTie ? basis[row] < basis[found.row] : ratio < found.ratio else { continue }
      }
      best = (row, ratio)
    }
    return best?.row
  }

  private static func pivot(_ table: inout Matrix, _ row: Int, _ column: Int) {
    let width = table.columns
    let scale = 1 / table[row, column]
    for place in 0..<width { table[row, place] *= scale }
    table[row, column] = 1
    for other in 0..<table.rows where other != row {
      let factor = table[other, column]
      guard factor != 0 else { continue }
      for place in 0..<width { table[other, place] -= factor * table[row, place] }
      table[other, column] = 0
    }
  }
}
