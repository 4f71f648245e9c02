import Files
public import Games
public import Settings

/// A game that can be played by its name.
public struct PlayRow: Sendable {
  /// A player as tables have it.
  public struct Seat: Sendable, Hashable {
    /// Who plays.
    public let name: String
    /// What is chosen.
    public let choice: String
    /// The cost.
    public let cost: String
  }

  /// The name.
  public let name: String
  /// What it is about, in a line.
  public let summary: String
  /// The players.
  public let seats: [Seat]
  /// Who moves when.
  public let order: MoveOrder
  /// What a file that it reads is; `nil` where it reads none.
  public let file: String?
  /// The settings that it has beside the seed.
  public let settings: [Setting]
  /// Reads what is asked for, so that it can be played.
  let begin: @Sendable (PlaySpecification, Observer) throws -> any Playing

  init(
    _ name: String, _ summary: String, order: MoveOrder, seats: [Seat], file: String? = nil,
    settings: [Setting],
    begin: @escaping @Sendable (PlaySpecification, Observer) throws -> any Playing
  ) {
    self.name = name
    self.summary = summary
    self.order = order
    self.seats = seats
    self.file = file
    self.settings = settings
    self.begin = begin
  }
}

/// A game with all that it has read.
protocol Playing: Sendable {
  /// Plays it.
  func play(telling observer: Observer) async throws -> PlayOutcome
}

/// All games, one row each.
public enum PlayCatalogue {
  /// The rows.
  public static let rows: [PlayRow] = [
    PlayRow(
      "bilinear", "the solvers' table: a game without end, on which rates are known",
      order: .simultaneous,
      seats: [
        PlayRow.Seat(name: "x", choice: "numbers", cost: "x^T A y"),
        PlayRow.Seat(name: "y", choice: "numbers", cost: "-x^T A y"),
      ], settings: [.stepSize, .rounds], begin: { try SolverPlay(bilinear: $0, telling: $1) }),
    PlayRow(
      "dirac-gan", "the smallest generative adversarial network, which is nearly that game",
      order: .simultaneous,
      seats: [
        PlayRow.Seat(name: "generator", choice: "a point", cost: "-log(1 + exp(psi theta))"),
        PlayRow.Seat(name: "critic", choice: "a slope", cost: "log(1 + exp(psi theta))"),
      ], settings: [.form, .stepSize, .rounds], begin: { try SolverPlay(dirac: $0, telling: $1) }),
    PlayRow(
      "matrix", "rows against columns: equilibria, values, regret", order: .simultaneous,
      seats: [
        PlayRow.Seat(name: "row", choice: "probabilities", cost: "-x^T A y"),
        PlayRow.Seat(name: "column", choice: "probabilities", cost: "x^T A y, or -x^T B y"),
      ], file: "a table of the first player's payoffs", settings: [.second, .rounds],
      begin: { try MatrixPlay($0, telling: $1) }),
    PlayRow(
      "performative", "a model of credit that is trained again on people who answered it",
      order: .retraining,
      seats: [
        PlayRow.Seat(
          name: "learner", choice: "weights", cost: "logistic loss on changed people + penalty"),
        PlayRow.Seat(
          name: "people", choice: "changes", cost: "change of the score + change^2 / (2 strength)"),
      ], file: "a table of people with a column of 0 and 1",
      settings: [.target, .strategic, .strengths, .penalty, .rounds, .mostNegatives],
      begin: { try PerformativePlay($0, telling: $1) }),
    PlayRow(
      "strategic", "a rule against people who change what they can to be accepted",
      order: .leader,
      seats: [
        PlayRow.Seat(name: "learner", choice: "a rule", cost: "share of wrong decisions"),
        PlayRow.Seat(
          name: "people", choice: "their features", cost: "cost of change - benefit if accepted"),
      ], file: "a table of people",
      settings: [.target, .favorable, .costs, .costShape, .benefit, .mostNegatives],
      begin: { try StrategicPlay($0, telling: $1) }),
    PlayRow(
      "spam", "a filter of messages against spammers who add good words", order: .leader,
      seats: [
        PlayRow.Seat(name: "filter", choice: "weights of words", cost: "share of wrong decisions"),
        PlayRow.Seat(name: "spammers", choice: "words to add", cost: "words, or being caught"),
      ], file: "a line for each message: spam or ham, a tab, the text", settings: [.count],
      begin: { try SpamPlay($0, telling: $1) }),
  ]

  /// The row of a name.
  ///
  /// - Throws: `StudyError` that names the nearest there is, and all.
  public static func row(_ name: String) throws -> PlayRow {
    guard let row = rows.first(where: { $0.name == name }) else {
      let names = rows.map(\.name)
      throw StudyError(
        "there is no game '\(name.prefix(40))'\(name.suggestion(among: names)); there are \(names.joined(separator: ", "))"
      )
    }
    return row
  }
}
