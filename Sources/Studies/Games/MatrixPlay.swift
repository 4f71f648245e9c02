import Datasets
import Games

/// A game of payoffs.
struct MatrixPlay: Playing {
  private let game: MatrixGame
  private let names: (rows: [String], columns: [String])
  private let rounds: Int

  /// The most actions of one player.
  private static let mostActions = 500

  /// Reads payoffs; those of rock, paper and scissors, rock against scissors counting double, where no file is named.
  init(_ asked: PlaySpecification, telling observer: Observer) throws {
    rounds = asked.rounds ?? 2000
    guard let file = asked.file else {
      if let second = asked.second {
        throw StudyError(
          "'\(second)' holds the second player's payoffs; expected a file of the first's, too")
      }
      game = try MatrixGame(Matrix([[0, -1, 2], [1, 0, -1], [-2, 1, 0]]))
      let shapes = ["rock", "paper", "scissors"]
      names = (shapes, shapes)
      return
    }
    let grid = try NumberGrid(path: file)
    let other = try asked.second.map { try NumberGrid(path: $0) }
    for one in [grid] + (other.map { [$0] } ?? []) {
      guard max(one.rows.count, one.rows[0].count) <= Self.mostActions else {
        throw StudyError(
          "\(one.source): \(one.rows.count) rows and \(one.rows[0].count) columns; expected at most \(Self.mostActions) each"
        )
      }
    }
    if let other, (other.rows.count, other.rows[0].count) != (grid.rows.count, grid.rows[0].count) {
      throw StudyError(
        "\(other.source): \(other.rows.count) rows and \(other.rows[0].count) columns; expected \(grid.rows.count) and \(grid.rows[0].count), as in \(grid.source)"
      )
    }
    game = try MatrixGame(Matrix(grid.rows), second: other.map { Matrix($0.rows) })
    names = (grid.rowNames, grid.columnNames)
  }

  func play(telling observer: Observer) async throws -> PlayOutcome {
    let stage = observer.begin("play", of: MatrixAnalysis.partCount, "parts")
    defer { stage.finish() }
    return .matrix(
      try await MatrixAnalysis(
        of: game, rowNames: names.rows, columnNames: names.columns, rounds: rounds
      ) { stage.show($0) })
  }
}
