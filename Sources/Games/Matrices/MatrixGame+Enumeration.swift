extension MatrixGame {
  /// The most pairs of supports that are looked at for one player.
  private static let mostVertices = 200_000

  /// All extreme equilibria, by enumeration of supports and of what answers them best.
  ///
  /// Every vertex of a player's best-response polytope is a support together with the other player's best responses to
  /// it; two vertices that have all labels between them are an equilibrium. In a degenerate game a support has more
  /// best responses than it has actions, so that an enumeration of equally large supports finds none; here it is a
  /// vertex with more labels. All equilibria are mixtures of extreme ones. Mangasarian, "Equilibrium points of bimatrix
  /// games", 1964; Avis, Rosenberg, Savani and von Stengel, "Enumeration of Nash equilibria for two-player games",
  /// 2010.
  ///
  /// - Returns: The extreme equilibria, at least one, each once.
  /// - Throws: `GameError` for games so large that there are more than 200,000 bases of one player.
  /// - Complexity: A linear system for each way to choose the smaller number of actions from all actions of both.
  public func extremeEquilibria() throws(GameError) -> [Equilibrium] {
    let (m, n) = (payoffs.rows, payoffs.columns)
    let ways = binomial(m + n, min(m, n))
    guard ways <= Double(Self.mostVertices) else {
      throw GameError(
        "\(m) rows and \(n) columns are too many for all equilibria; expected at most 10 and 10, or a single equilibrium"
      )
    }
    // Labels 0..<m are rows, m..<m + n columns.
    let rows = vertices(of: second.transposed, variables: Array(0..<m), limits: Array(m..<m + n))
    let columns = vertices(of: payoffs, variables: Array(m..<m + n), limits: Array(0..<m))
    var found: [Equilibrium] = []
    for row in rows {
      for column in columns where row.labels.union(column.labels).count == m + n {
        let candidate = judge(row.point.normalized, column.point.normalized)
        if candidate.exploitability.largest <= tolerance {
          found.append(candidate)
        }
      }
    }
    return found
  }

  private struct Vertex {
    let point: [Double]
    let labels: Set<Int>
  }

  /// The vertices but zero of y >= 0 with A y <= 1, A made positive, with the labels of all limits that hold exactly.
  private func vertices(of matrix: Matrix, variables: [Int], limits: [Int]) -> [Vertex] {
    let (least, most) = (matrix.values.min() ?? 0, matrix.values.max() ?? 0)
    let scaled = matrix.map { most > least ? ($0 - least) / (most - least) + 1 : 1 }
    let (count, all) = (matrix.columns, matrix.columns + matrix.rows)
    var found: [Vertex] = []
    forEachChoice(of: count, from: all) { tight in
      guard tight.contains(where: { $0 >= count }) else { return }
      guard let point = Self.point(scaled, tight) else { return }
      let used = scaled.times(point)
      guard point.allSatisfy({ $0 > -1e-9 }), used.allSatisfy({ $0 < 1 + 1e-9 }) else { return }
      var labels: Set<Int> = []
      for place in 0..<count where abs(point[place]) < 1e-9 { labels.insert(variables[place]) }
      for row in 0..<matrix.rows where abs(used[row] - 1) < 1e-9 { labels.insert(limits[row]) }
      let isKnown = found.contains { other in
        other.labels == labels
          && zip(other.point, point).allSatisfy { abs($0 - $1) < 1e-9 }
      }
      if !isKnown { found.append(Vertex(point: point, labels: labels)) }
    }
    return found
  }

  /// Where some of the limits hold exactly; `nil` where that is no single point.
  private static func point(_ matrix: Matrix, _ tight: [Int]) -> [Double]? {
    let count = matrix.columns
    let zero = Set(tight.filter { $0 < count })
    let free = (0..<count).filter { !zero.contains($0) }
    let rows = tight.filter { $0 >= count }.map { $0 - count }
    var system = Matrix(rows: free.count, columns: free.count + 1)
    for (row, limit) in rows.enumerated() {
      for (column, variable) in free.enumerated() { system[row, column] = matrix[limit, variable] }
      system[row, free.count] = 1
    }
    guard let solution = system.eliminated() else { return nil }
    var point = [Double](repeating: 0, count: count)
    for (column, variable) in free.enumerated() { point[variable] = solution[column] }
    return point
  }
}

/// How many ways there are to choose some of several.
private func binomial(_ count: Int, _ chosen: Int) -> Double {
  (0..<chosen).reduce(1) { $0 * Double(count - $1) / Double($1 + 1) }
}

/// Tells every way to choose some of the numbers from 0.
private func forEachChoice(of count: Int, from all: Int, _ tell: ([Int]) -> Void) {
  var choice = Array(0..<count)
  while true {
    tell(choice)
    guard let place = choice.indices.last(where: { choice[$0] < all - count + $0 }) else { return }
    choice[place] += 1
    for later in place + 1..<max(count, place + 1) { choice[later] = choice[later - 1] + 1 }
  }
}
