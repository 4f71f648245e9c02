import Foundation
import Games
import Testing

/// Equilibria of matrix games, judged by best responses.
@Suite struct MatrixGameTests {
  /// A skew-symmetric game in which an enumeration of equally large supports finds nothing
  /// (https://github.com/drvinceknight/Nashpy/issues/231).
  static let degenerate = Matrix([
    [0, -1, -1, -1, 1, -1], [1, 0, 1, -1, -1, -1], [1, -1, 0, -1, -1, 1], [1, 1, 1, 0, -1, -1],
    [-1, 1, 1, 1, 0, -1], [1, 1, -1, 1, 1, 0],
  ])

  @Test func rockPaperScissors() throws {
    let game = try MatrixGame(Matrix([[0, -1, 1], [1, 0, -1], [-1, 1, 0]]))
    let found = try game.zeroSumEquilibrium()
    #expect((found.rows + found.columns).allSatisfy { abs($0 - 1.0 / 3) < 1e-12 })
    #expect(abs(found.values[0]) < 1e-12)
    #expect(try game.extremeEquilibria().count == 1)
  }

  @Test func zeroSumGamesHaveAValueThatNobodyBeats() throws {
    for seed in 0..<1000 {
      var drawing = Drawing(seed)
      let matrix = drawing.matrix(drawing.integer(1...30), drawing.integer(1...30))
      // Whole numbers have ties, of which degenerate games are made.
      let game = try MatrixGame(seed.isMultiple(of: 2) ? matrix : matrix.map { $0.rounded() })
      let found = try game.zeroSumEquilibrium()
      for mixture in [found.rows, found.columns] {
        #expect(mixture.allSatisfy { $0 >= 0 } && abs(mixture.reduce(0, +) - 1) < 1e-12)
      }
      #expect(found.exploitability.gains.allSatisfy { $0 >= 0 })
      #expect(found.exploitability.total < 1e-11 * max(1, game.range), "\(seed)")
    }
  }

  @Test func theDegenerateSkewSymmetricGame() async throws {
    let matrix = Self.degenerate
    #expect(matrix.transposed == matrix.map { $0 == 0 ? 0 : -$0 })
    let game = try MatrixGame(matrix)
    let found = try game.zeroSumEquilibrium()
    #expect(abs(found.values[0]) < 1e-12 && found.exploitability.total < 1e-12)
    let path = try game.lemkeHowsonEquilibrium()
    #expect(abs(path.values[0]) < 1e-12 && path.exploitability.total < 1e-12)
    // It has one equilibrium.
    let known = [0, 0, 1.0 / 3, 0, 1.0 / 3, 1.0 / 3]
    let all = try game.extremeEquilibria()
    #expect(all.count == 1)
    for one in all + [found, path] {
      for mixture in [one.rows, one.columns] {
        #expect(zip(mixture, known).allSatisfy { abs($0 - $1) < 1e-9 })
      }
    }
  }

  @Test func aDegenerateGameHasAllOfItsEquilibria() throws {
    // Costs, and the eight equilibria that are known of them (https://github.com/drvinceknight/Nashpy/issues/82).
    let first = Matrix([[0, 0, 6, 0, 0], [0, 0, 3, 2, 1], [4, 3, 0, 0, 1]])
    let second = Matrix([[3, 0, 2, 1, 0], [0, 2, 0, 0, 4], [4, 0, 2, 4, 4]])
    let known: [(rows: [Double], columns: [Double])] = [
      ([1, 0, 0], [0, 1, 0, 0, 0]), ([1, 0, 0], [0, 0, 0, 0, 1]),
      ([2.0 / 3, 1.0 / 3, 0], [0, 1, 0, 0, 0]),
      ([1.0 / 3, 0.5, 1.0 / 6], [0, 4.0 / 9, 2.0 / 9, 1.0 / 3, 0]),
      ([0, 0.5, 0.5], [0, 0.5, 0.5, 0, 0]), ([0, 1, 0], [3.0 / 7, 0, 4.0 / 7, 0, 0]),
      ([0, 1, 0], [1, 0, 0, 0, 0]), ([0, 1, 0], [3.0 / 8, 0, 0.25, 3.0 / 8, 0]),
    ]
    let all = try MatrixGame(first.map { -$0 }, second: second.map { -$0 }).extremeEquilibria()
    #expect(all.count == known.count)
    for one in known {
      #expect(
        all.contains { other in
          zip(one.rows + one.columns, other.rows + other.columns)
            .allSatisfy { abs($0 - $1) < 1e-9 }
        }, "\(one)")
    }
  }

  @Test func lemkeAndHowsonFindEquilibria() throws {
    for seed in 0..<1000 {
      var drawing = Drawing(seed)
      let (m, n) = (drawing.integer(1...12), drawing.integer(1...12))
      let (a, b) = (drawing.matrix(m, n), drawing.matrix(m, n))
      let isDegenerate = seed.isMultiple(of: 3)
      let game = try MatrixGame(
        isDegenerate ? a.map { $0.rounded() } : a, second: isDegenerate ? b.map { $0.rounded() } : b
      )
      let label = drawing.integer(0...m + n - 1)
      let found = try game.lemkeHowsonEquilibrium(label: label)
      #expect(found.exploitability.total < 1e-9 * max(1, game.range), "\(seed)")
      for mixture in [found.rows, found.columns] {
        #expect(mixture.allSatisfy { $0 >= 0 } && abs(mixture.reduce(0, +) - 1) < 1e-12)
      }
    }
  }

  @Test func enumerationFindsWhatPathsFindAndHasOddNumbers() throws {
    for seed in 0..<150 {
      var drawing = Drawing(seed)
      let (m, n) = (drawing.integer(1...5), drawing.integer(1...5))
      let game = try MatrixGame(drawing.matrix(m, n), second: drawing.matrix(m, n))
      let all = try game.extremeEquilibria()
      // Wilson, 1971: games that are not degenerate have an odd number of equilibria.
      #expect(!all.count.isMultiple(of: 2), "\(seed): \(all.count)")
      for label in 0..<m + n {
        let found = try game.lemkeHowsonEquilibrium(label: label)
        #expect(
          all.contains { other in
            zip(found.rows + found.columns, other.rows + other.columns)
              .allSatisfy { abs($0 - $1) < 1e-7 }
          }, "\(seed)")
      }
    }
  }

  @Test func degenerateGamesHaveEquilibriaInTheEnumeration() throws {
    for seed in 0..<300 {
      var drawing = Drawing(seed)
      let (m, n) = (drawing.integer(1...4), drawing.integer(1...4))
      // Few different payoffs: nearly all of these games are degenerate.
      let game = try MatrixGame(
        drawing.matrix(m, n).map { $0 > 0 ? 1 : 0 },
        second: drawing.matrix(m, n).map { $0 > 0.3 ? 1 : 0 })
      #expect(!(try game.extremeEquilibria().isEmpty), "\(seed)")
    }
  }

  @Test func theBattleOfTheSexes() throws {
    let game = try MatrixGame(Matrix([[3, 0], [0, 2]]), second: Matrix([[2, 0], [0, 3]]))
    let all = try game.extremeEquilibria().sorted { $0.rows[0] < $1.rows[0] }
    #expect(all.map { ($0.rows[0] * 1e9).rounded() / 1e9 } == [0, 0.6, 1])
    #expect(all.map { ($0.columns[0] * 1e9).rounded() / 1e9 } == [0, 0.4, 1])
  }

  @Test func exploitabilityIsThatOfTheGame() async throws {
    for seed in 0..<200 {
      var drawing = Drawing(seed)
      let (m, n) = (drawing.integer(1...8), drawing.integer(1...8))
      let game = try MatrixGame(drawing.matrix(m, n), second: drawing.matrix(m, n))
      let profile = [drawing.mixture(m), drawing.mixture(n)]
      let judged = game.judge(profile[0], profile[1]).exploitability
      let measured = try #require(try await game.game.exploitability(at: profile))
      #expect(measured.gains.allSatisfy { $0 >= 0 } && judged.gains.allSatisfy { $0 >= 0 })
      #expect(zip(measured.gains, judged.gains).allSatisfy { abs($0 - $1) < 1e-12 })
      // No pure action gains more.
      let payoff = profile[0].indices.map { row in
        zip(game.payoffs.row(row), profile[1]).reduce(0) { $0 + $1.0 * $1.1 }
      }
      let now = zip(payoff, profile[0]).reduce(0) { $0 + $1.0 * $1.1 }
      #expect(abs((payoff.max() ?? 0) - now - judged.gains[0]) < 1e-12)
    }
  }

  @Test func multiplicativeWeightsKeepTheirBound() async throws {
    let rounds = 400
    var worst = 0.0
    for seed in 0..<1000 {
      var drawing = Drawing(seed)
      let (m, n) = (drawing.integer(2...20), drawing.integer(2...20))
      let scale = drawing.uniform(0.01...100)
      let game = try MatrixGame(drawing.matrix(m, n).map { scale * $0 })
      let solver = MultiplicativeWeights(stepSize: .tuned(rounds: rounds, range: game.range))
      let curve = try await game.regrets(of: solver, rounds: rounds, mostPoints: 4)
      let bound = [m, n].reduce(0) {
        $0 + MultiplicativeWeights.bound(actions: $1, rounds: rounds, range: game.range)
      }
      let gap = curve.average.exploitability.total
      worst = max(worst, gap / bound)
      #expect(gap <= bound, "\(seed)")
      // The value lies between what either is sure of.
      let value = try game.zeroSumEquilibrium().values[0]
      #expect(abs(curve.average.values[0] - value) <= bound)
      let regret = try #require(curve.points.last)
      #expect(abs(regret.regrets.reduce(0, +) - gap) < 1e-9 * game.range)
    }
    #expect(worst > 0.01)
  }

  @Test func fictitiousPlayClosesInAndShapleysGameCircles() async throws {
    let game = try MatrixGame(Self.degenerate)
    let path = try await game.game.play(FictitiousPlay(), named: "", steps: 20_000)
    #expect(game.judge(path.end[0], path.end[1]).exploitability.total < 0.05)
    // Shapley, 1964: no averages of this game ever settle.
    let shapley = try MatrixGame(
      Matrix([[0, 0, 1], [1, 0, 0], [0, 1, 0]]),
      second: Matrix([[0, 1, 0], [0, 0, 1], [1, 0, 0]]))
    let course = try await shapley.game.play(
      FictitiousPlay(), named: "", from: [[1, 0, 0], [0, 1, 0]], steps: 20_000)
    #expect(shapley.judge(course.end[0], course.end[1]).exploitability.total > 0.1)
  }

  @Test func whatIsWrongIsNamed() throws {
    #expect(throws: GameError("payoffs: row 2, column 1 is not a finite number; expected numbers"))
    {
      try MatrixGame(Matrix([[1, 2], [.nan, 1]]))
    }
    #expect(throws: GameError.self) {
      try MatrixGame(Matrix([[1, 2]]), second: Matrix([[1], [2]]))
    }
    #expect(throws: GameError.self) {
      try MatrixGame(Matrix([[1, 2]]), second: Matrix([[1, 2]])).zeroSumEquilibrium()
    }
  }
}
