import Games
import Testing

/// Solvers on x^T A y: what a step is, by running them, is what the table says.
@Suite struct BilinearTests {
  /// The rows with a formula, and the largest a for which matrices are drawn.
  private static let largest = [
    "simultaneous": 2.0, "alternating": 2.5, "extragradient": 1.3, "optimistic": 0.7,
    "consensus": 1.2, "proximal-point": 3,
  ]

  @Test("spectral radius of a step on 1,000 random matrices", arguments: largest.keys.sorted())
  func rate(name: String) async throws {
    let row = try SolverCatalogue.row(name)
    let modulus = try #require(row.modulus)
    var worst = 0.0
    for seed in 0..<1000 {
      var drawing = Drawing(seed)
      let rows = drawing.integer(2...50)
      let columns = seed.isMultiple(of: 4) ? drawing.integer(2...50) : rows
      let matrix = drawing.matrix(rows, columns)
      let sigmas = matrix.singularValues
      let step = drawing.uniform(0.05...(Self.largest[name] ?? 1)) / sigmas[0]
      let map = try await Game.bilinear(matrix).stepMap(of: row.make(step))
      // Numbers beyond the smaller side meet nobody: a zero singular value.
      let expected = (sigmas + (rows == columns ? [] : [0])).map { modulus(step, $0) }.max() ?? 0
      worst = max(worst, abs(map.spectralRadius - expected))
    }
    #expect(worst < 1e-9, "\(worst)")
  }

  @Test func theTableHasThePublishedFormulas() throws {
    // At a = 1/2, and at the best step of the extragradient.
    let expected: [(String, Double, Double)] = [
      ("simultaneous", 0.5, 1.118_033_988_749_895), ("alternating", 0.5, 1),
      ("extragradient", 0.5, 0.901_387_818_865_997_4),
      ("extragradient", 0.5.squareRoot(), 0.75.squareRoot()),
      ("optimistic", 0.5, 0.5.squareRoot()), ("optimistic", 1 / 3.0.squareRoot(), 1),
      ("proximal-point", 0.5, 0.894_427_190_999_915_9),
    ]
    for (name, a, modulus) in expected {
      let row = try SolverCatalogue.row(name)
      #expect(abs((row.modulus?(a, 1) ?? 0) - modulus) < 1e-12, "\(name)")
    }
  }

  @Test func negativeMomentumClosesInAndPositiveDoesNot() async throws {
    for seed in 0..<100 {
      var drawing = Drawing(seed)
      let size = drawing.integer(2...12)
      let matrix = drawing.matrix(size, size)
      let step = drawing.uniform(0.1...1) / matrix.singularValues[0]
      let game = Game.bilinear(matrix)
      let closing = try await game.stepMap(of: NegativeMomentum(stepSize: step)).spectralRadius
      #expect(closing < 1)
      let leaving = try await game.stepMap(of: NegativeMomentum(stepSize: step, momentum: 0.3))
        .spectralRadius
      #expect(leaving > 1)
    }
  }

  @Test(
    "runs end as the table says",
    arguments: SolverCatalogue.rows.filter { $0.fate != .undefined }.map(\.name))
  func fate(name: String) async throws {
    let row = try SolverCatalogue.row(name)
    let game = Game.bilinear(Matrix([[1, 0.3], [-0.2, 0.8]]))
    let path = try await game.play(
      row.make(row.fate == .approaches ? 0.02 : 0.2), named: name, from: [[1, -0.5], [0.7, 1]],
      steps: 3000)
    let (first, last) = (path.points[0].profile, path.end)
    let ratio = (last[0] + last[1]).length / (first[0] + first[1]).length
    switch row.fate {
    case .converges:
      #expect(ratio < 1e-5)
      #expect(path.behavior == .converged || path.behavior == .converging)
    case .approaches: #expect(ratio < 0.15 && ratio > 1e-3)
    case .cycles: #expect(path.behavior == .cycling && ratio > 0.3 && ratio < 3)
    case .diverges: #expect(path.behavior == .diverging && ratio > 1e3)
    case .undefined: break
    }
  }

  @Test("A and -A in turn", arguments: [0.1, 0.2, 0.3, 0.4, 0.5])
  func periodic(step: Double) async throws {
    var drawing = Drawing(3)
    for size in 1...5 {
      let drawn = drawing.matrix(size, size)
      let matrix = drawn.map { [scale = drawn.singularValues[0]] in $0 / scale }
      let games = [Game.bilinear(matrix), Game.bilinear(matrix.map { -$0 })]
      let start = [drawing.vector(size), drawing.vector(size)]
      for (solver, contracts) in [
        (Extragradient(stepSize: step) as any Solver, true),
        (OptimisticGradient(stepSize: step), false),
      ] {
        let maps = [
          try await games[0].stepMap(of: solver), try await games[1].stepMap(of: solver),
        ]
        let radius = maps[1].product(maps[0]).spectralRadius
        #expect(contracts ? radius < 1 : radius > 1, "\(solver) \(size): \(radius)")
        let path = try await games[0].play(
          solver, named: "", from: start, steps: 4000, inTurnWith: [games[1]])
        let ratio = (path.end[0] + path.end[1]).length / (start[0] + start[1]).length
        #expect(contracts ? ratio < 1 : !(ratio < 100), "\(solver) \(size): \(ratio)")
      }
    }
  }
}

extension Matrix {
  fileprivate func product(_ other: Matrix) -> Matrix {
    Matrix((0..<other.columns).map { times(other.column($0)) }).transposed
  }
}
