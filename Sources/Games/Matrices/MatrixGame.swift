/// A game of two players with finitely many actions each, given by their payoffs.
///
/// The first player chooses a row and wants its payoff high, the second a column. Where no second payoffs are given,
/// one wins what the other loses.
public struct MatrixGame: Sendable, Hashable, Codable {
  /// The first player's payoffs.
  public let payoffs: Matrix
  /// The second player's payoffs; `nil` where they are those of the first with the other sign.
  public let secondPayoffs: Matrix?

  /// Creates a game.
  ///
  /// - Parameters:
  ///   - payoffs: The first player's payoffs, at least one number.
  ///   - secondPayoffs: The second player's, of as many rows and columns; by default those of the first with the other
  ///     sign.
  /// - Throws: `GameError` that names the row and the column of what is wrong.
  public init(_ payoffs: Matrix, second secondPayoffs: Matrix? = nil) throws(GameError) {
    for (matrix, whose) in [(payoffs, "payoffs"), (secondPayoffs ?? payoffs, "second payoffs")] {
      guard matrix.rows > 0, matrix.columns > 0 else {
        throw GameError(
          "\(whose): \(matrix.rows) rows and \(matrix.columns) columns; expected at least one number"
        )
      }
      if let place = matrix.values.firstIndex(where: { !$0.isFinite }) {
        let (row, column) = (place / matrix.columns + 1, place % matrix.columns + 1)
        throw GameError(
          "\(whose): row \(row), column \(column) is not a finite number; expected numbers")
      }
    }
    if let other = secondPayoffs, (other.rows, other.columns) != (payoffs.rows, payoffs.columns) {
      throw GameError(
        "second payoffs: \(other.rows) rows and \(other.columns) columns; expected \(payoffs.rows) and \(payoffs.columns), as the first player's"
      )
    }
    self.payoffs = payoffs
    self.secondPayoffs = secondPayoffs
    guard range.isFinite else {
      throw GameError("payoffs are too large to be told apart; expected smaller numbers")
    }
  }

  /// Whether one wins what the other loses.
  public var isZeroSum: Bool {
    guard let other = secondPayoffs else { return true }
    return zip(payoffs.values, other.values).allSatisfy { $0 == -$1 }
  }

  /// The second player's payoffs, whether given or not.
  public var second: Matrix { secondPayoffs ?? payoffs.map { -$0 } }

  /// The largest difference between two payoffs of one player.
  public var range: Double {
    [payoffs, second].map { ($0.values.max() ?? 0) - ($0.values.min() ?? 0) }.max() ?? 0
  }

  /// What rounding alone makes of gains.
  var tolerance: Double {
    let largest = [payoffs, second].map { $0.values.map(abs).max() ?? 0 }.max() ?? 0
    return max(1e-9 * range, 1e-13 * largest, .leastNormalMagnitude)
  }

  /// The game over probabilities of rows and of columns.
  public var game: Game {
    Game(
      "matrix",
      players: [
        BilinearPlayer(
          "row", costs: payoffs.map { -$0 }, isFirst: true, domain: .simplex,
          objective: "-x^T A y"),
        BilinearPlayer(
          "column", costs: second.map { -$0 }, isFirst: false, domain: .simplex,
          objective: isZeroSum ? "x^T A y" : "-x^T B y"),
      ])
  }

  /// What both gain, and how much each could still gain by a single action: at least 0.
  public func judge(_ rows: [Double], _ columns: [Double]) -> Equilibrium {
    let (first, other) = (payoffs.times(columns), second.transposedTimes(rows))
    let values = [rows.dot(first), columns.dot(other)]
    // Staying is a response, too.
    let gains = [max(0, (first.max() ?? 0) - values[0]), max(0, (other.max() ?? 0) - values[1])]
    return Equilibrium(
      rows: rows, columns: columns, values: values, exploitability: Exploitability(gains: gains))
  }
}

/// Probabilities of rows and columns from which neither player gains by leaving, up to rounding.
public struct Equilibrium: Sendable, Hashable, Codable {
  /// The probability of each row.
  public let rows: [Double]
  /// The probability of each column.
  public let columns: [Double]
  /// What each player gains in the mean.
  public let values: [Double]
  /// How much each could still gain: how far from an equilibrium it is.
  public let exploitability: Exploitability
}
