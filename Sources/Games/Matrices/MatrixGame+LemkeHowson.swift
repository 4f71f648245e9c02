extension MatrixGame {
  /// An equilibrium of any game by the method of Lemke and Howson.
  ///
  /// A path of pivots begins where nobody plays, lets go of one label, and ends at an equilibrium. Ties, of which
  /// degenerate games are full, are broken by the lexicographic rule, under which no path comes back to where it was.
  /// Lemke and Howson, "Equilibrium points of bimatrix games", 1964; von Stengel, "Computing equilibria for two-person
  /// games", 2002.
  ///
  /// - Parameter label: The first label to let go of, from 0: rows come first, then columns. Where rounding leads a path
  ///   astray, the next one is tried.
  /// - Returns: An equilibrium, which neither player improves on by more than 1e-9 of the payoffs' range.
  /// - Throws: `GameError` where no path ends at one, as with payoffs of very different sizes.
  /// - Complexity: The number of pivots is small as a rule, and exponential at worst.
  public func lemkeHowsonEquilibrium(label: Int = 0) throws(GameError) -> Equilibrium {
    let count = payoffs.rows + payoffs.columns
    precondition(0..<count ~= label, "label \(label) of \(count)")
    for offset in 0..<count {
      guard let found = path(lettingGoOf: (label + offset) % count) else { continue }
      if found.exploitability.largest <= tolerance { return found }
    }
    throw GameError("no path of pivots ends at an equilibrium; payoffs differ too much in size")
  }

  /// The end of the path of a label; `nil` where it has none, which rounding alone brings about.
  private func path(lettingGoOf label: Int) -> Equilibrium? {
    let (m, n) = (payoffs.rows, payoffs.columns)
    // In the first table the second player's probabilities enter, in the second those of the first.
    var tables = [
      LabeledTable(payoffs.positive, rowLabels: Array(0..<m), columnLabels: Array(m..<m + n)),
      LabeledTable(
        second.positive.transposed, rowLabels: Array(m..<m + n), columnLabels: Array(0..<m)),
    ]
    var entering = label
    var side = label < m ? 1 : 0
    for _ in 0..<(50 * (m + n) + 1000) {
      guard let left = tables[side].bring(in: entering) else { return nil }
      if left == label {
        let (columns, rows) = (tables[0].amounts(m..<m + n), tables[1].amounts(0..<m))
        guard rows.contains(where: { $0 > 0 }), columns.contains(where: { $0 > 0 }) else {
          return nil
        }
        return judge(rows.normalized, columns.normalized)
      }
      entering = left
      side = 1 - side
    }
    return nil
  }
}

extension Matrix {
  /// The matrix scaled and shifted to 1...2, which changes no equilibrium.
  fileprivate var positive: Matrix {
    let (least, most) = (values.min() ?? 0, values.max() ?? 0)
    return most > least ? map { ($0 - least) / (most - least) + 1 } : map { _ in 1 }
  }
}

/// Slacks s and amounts y with s + A y = 1, all at or above zero; each label is a slack here and an amount there.
private struct LabeledTable {
  /// A row for each basic variable: the limit, the slacks' columns, then the amounts'.
  private var table: Matrix
  private var basis: [Int]
  /// For each column but the first its label, and whether it is an amount.
  private let labels: [Int]
  private let slackCount: Int

  init(_ matrix: Matrix, rowLabels: [Int], columnLabels: [Int]) {
    slackCount = matrix.rows
    labels = rowLabels + columnLabels
    table = Matrix(rows: matrix.rows, columns: 1 + matrix.rows + matrix.columns)
    for row in 0..<matrix.rows {
      table[row, 0] = 1
      table[row, 1 + row] = 1
      for column in 0..<matrix.columns {
        table[row, 1 + matrix.rows + column] = matrix[row, column]
      }
    }
    basis = Array(0..<matrix.rows)
  }

  /// Makes the variable of a label basic that is not, and says which label leaves.
  mutating func bring(in label: Int) -> Int? {
    guard
      let entering = labels.indices.first(where: { labels[$0] == label && !basis.contains($0) })
    else { return nil }
    var best: Int?
    for row in 0..<table.rows where table[row, 1 + entering] > 1e-11 {
      guard let found = best else {
        best = row
        continue
      }
      if isBefore(row, found, entering) { best = row }
    }
    guard let row = best else { return nil }
    let left = labels[basis[row]]
    pivot(row, 1 + entering)
    basis[row] = entering
    return left
  }

  /// Whether a row's limit and slacks, divided by the pivot, come first in the order of words.
  private func isBefore(_ row: Int, _ other: Int, _ entering: Int) -> Bool {
    for column in 0...slackCount {
      let (a, b) = (
        table[row, column] / table[row, 1 + entering],
        table[other, column] / table[other, 1 + entering]
      )
      if abs(a - b) > 1e-11 * max(1, abs(a), abs(b)) { return a < b }
    }
    return false
  }

  private mutating func pivot(_ row: Int, _ column: Int) {
    let scale = 1 / table[row, column]
    for place in 0..<table.columns { table[row, place] *= scale }
    for other in 0..<table.rows where other != row {
      let factor = table[other, column]
      guard factor != 0 else { continue }
      for place in 0..<table.columns { table[other, place] -= factor * table[row, place] }
      table[other, column] = 0
    }
  }

  /// The amounts of labels.
  func amounts(_ wanted: Range<Int>) -> [Double] {
    var amounts = [Double](repeating: 0, count: wanted.count)
    for (row, variable) in basis.enumerated() where variable >= slackCount {
      amounts[labels[variable] - wanted.lowerBound] = table[row, 0]
    }
    return amounts
  }
}
