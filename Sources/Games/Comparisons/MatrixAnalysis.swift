/// All that is found out about a matrix game.
public struct MatrixAnalysis: Sendable, Hashable, Codable {
  /// How a solver does over many rounds.
  public struct Course: Sendable, Hashable, Codable {
    /// A moment.
    public struct Point: Sendable, Hashable, Codable {
      /// The number of rounds.
      public let round: Int
      /// How much both could gain against the averages of all rounds.
      public let average: Double
      /// How much both could gain against the round itself; `nil` where rounds are averages.
      public let last: Double?
    }

    /// The solver.
    public let solver: String
    /// Moments with the last round.
    public let points: [Point]
    /// The regret of both players; `nil` where rounds are averages.
    public let regrets: RegretCurve?
    /// The largest exploitability of the averages that theory allows after all rounds; `nil` where it says none.
    public let bound: Double?
    /// What the rounds do, not their averages.
    public let behavior: Behavior
  }

  /// The game.
  public let game: MatrixGame
  /// The names of the rows; empty if they have none.
  public let rowNames: [String]
  /// The names of the columns; empty if they have none.
  public let columnNames: [String]
  /// An equilibrium: by linear programming of a zero-sum game, else by the method of Lemke and Howson.
  public let equilibrium: Equilibrium
  /// All extreme equilibria; `nil` where there are too many actions to look for them.
  public let extreme: [Equilibrium]?
  /// The courses of solvers.
  public let courses: [Course]
  /// The number of rounds that the solvers played.
  public let rounds: Int

  /// Analyses a game.
  ///
  /// - Parameters:
  ///   - game: The game.
  ///   - rowNames: The names of the rows.
  ///   - columnNames: The names of the columns.
  ///   - rounds: How many rounds solvers play, at least one.
  ///   - progress: Told the number of parts that are done, of `partCount`.
  /// - Throws: `GameError` where payoffs differ too much in size; `CancellationError`.
  public init(
    of game: MatrixGame, rowNames: [String] = [], columnNames: [String] = [], rounds: Int,
    progress: (Int) -> Void = { _ in }
  ) async throws {
    self.game = game
    self.rowNames = rowNames
    self.columnNames = columnNames
    self.rounds = rounds
    equilibrium =
      game.isZeroSum ? try game.zeroSumEquilibrium() : try game.lemkeHowsonEquilibrium()
    progress(1)
    let isSmall = game.payoffs.rows + game.payoffs.columns <= 16
    extreme = isSmall ? try? game.extremeEquilibria() : nil
    progress(2)
    var courses: [Course] = []
    var recording = Game.Recording()
    recording.measuresExploitability = true
    recording.mostPoints = 200
    let weights = MultiplicativeWeights(stepSize: .tuned(rounds: rounds, range: game.range))
    let course = try await game.game.play(
      weights, named: "multiplicative-weights", steps: rounds, recording: recording)
    let bound = [game.payoffs.rows, game.payoffs.columns].reduce(0) {
      $0 + MultiplicativeWeights.bound(actions: $1, rounds: rounds, range: game.range)
    }
    courses.append(
      Course(
        solver: course.solver,
        points: course.points.dropFirst().map {
          Course.Point(
            round: $0.step, average: $0.averageExploitability?.total ?? 0,
            last: $0.exploitability?.total)
        }, regrets: try await game.regrets(of: weights, rounds: rounds),
        bound: game.isZeroSum ? bound : nil, behavior: course.behavior))
    progress(3)
    let fictitious = try await game.game.play(
      FictitiousPlay(), named: "fictitious-play", steps: rounds, recording: recording)
    courses.append(
      Course(
        solver: fictitious.solver,
        points: fictitious.points.dropFirst().map {
          Course.Point(round: $0.step, average: $0.exploitability?.total ?? 0, last: nil)
        }, regrets: nil, bound: nil, behavior: fictitious.behavior))
    progress(4)
    self.courses = courses
  }

  /// The number of parts.
  public static let partCount = 4
}
