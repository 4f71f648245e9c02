public import Games
import JSON

/// A game, ready to be played.
public final class PlayStudy: Sendable {
  /// What was asked for.
  public let specification: PlaySpecification
  private let row: PlayRow
  private let playing: any Playing
  private let command: [String]

  /// Reads what the game is about.
  ///
  /// - Parameters:
  ///   - specification: What is asked for.
  ///   - command: The words of the command that asks for it, for the record.
  ///   - observer: Told what is met.
  /// - Throws: An error that says in one line what does not fit, or what could not be read.
  public init(
    _ specification: PlaySpecification, command: [String] = [], telling observer: Observer = .none
  ) throws {
    self.specification = specification
    self.command = command
    row = try specification.check()
    playing = try row.begin(specification, observer)
  }

  /// Plays.
  ///
  /// - Parameter observer: Told what happens.
  /// - Returns: What came of it.
  /// - Throws: `GameError` where the game cannot be solved; `StudyInterrupted` where the task is cancelled.
  public func run(telling observer: Observer = .none) async throws -> PlayResult {
    observer.keep { "interrupted; nothing is kept of a game" }
    defer { observer.keep(nil) }
    let start = ContinuousClock.now
    do {
      let outcome = try await playing.play(telling: observer)
      return PlayResult(
        specification: specification, command: command, row: row, outcome: outcome,
        seconds: (ContinuousClock.now - start).seconds)
    } catch is CancellationError {
      observer.tell(.ending)
      throw StudyInterrupted(description: "interrupted; nothing is kept of a game")
    }
  }
}

/// What came of a game, by its kind.
public enum PlayOutcome: Sendable, Hashable, Codable {
  /// Several solvers on one game.
  case solvers(SolverComparison)
  /// A game of payoffs.
  case matrix(MatrixAnalysis)
  /// Retraining on people who answer.
  case performative(PerformativeReport)
  /// Rules and their answers.
  case strategic(StrategicReport)
  /// Filters and good words.
  case spam(SpamReport)
}

/// What came of a game.
public struct PlayResult: Sendable {
  /// What was asked for.
  public let specification: PlaySpecification
  /// The words of the command that asked for it; empty if none did.
  package let command: [String]
  /// The game.
  public let row: PlayRow
  /// What came of it.
  public let outcome: PlayOutcome
  /// How long it took.
  public let seconds: Double
}

extension PlayResult: Encodable {
  /// The record of the game.
  public var record: StudyRecord {
    StudyRecord(
      "play", specification,
      [
        "command": ShellWords.json(command), "game": JSONValue(row.name),
        "order": JSONValue(row.order.rawValue),
        "players": .array(
          row.seats.map { ["name": JSONValue($0.name), "cost": JSONValue($0.cost)] }),
        "seed": JSONValue(specification.seed), "seconds": JSONValue(seconds),
        "result": JSONValue(coding: content),
      ])
  }

  private var content: any Encodable {
    switch outcome {
    case .solvers(let comparison): comparison
    case .matrix(let analysis): analysis
    case .performative(let report): report
    case .strategic(let report): report
    case .spam(let report): report
    }
  }

  /// Writes the record, which is read again as a `StudyRecord`.
  public func encode(to encoder: any Encoder) throws { try record.encode(to: encoder) }
}
