import ArgumentParser
import Pages
import Studies

/// Games of several players with several costs.
struct PlayCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "play",
    abstract: "Play a game of several players: solvers, equilibria, models that people answer.",
    discussion: """
      Learning has one player and one cost; in a game several costs pull at one outcome. `gibbon play --list` names the \
      games with their players and costs. Each runs at once; FILE is a table of your own.

        matrix FILE        payoffs of the row player: equilibria, the value, regret
        performative FILE  people with a column of 0 and 1, which the model predicts
        strategic FILE     people, a column that says who is qualified, and --costs
        spam FILE          a line for each message: spam or ham, a tab, the text

      --costs is a table of its own with the columns feature, price and change (up, down, any or never), a row for \
      each feature that can be changed.

      Examples:
        gibbon play matrix
        gibbon play dirac-gan --form penalized --report gan.html
        gibbon play strategic --cost-shape euclidean --report strategic.html
      """)

  @Argument(
    help: "The game: \(PlayCatalogue.rows.map(\.name).joined(separator: ", ")).",
    completion: .list(PlayCatalogue.rows.map(\.name)))
  var game: String?

  @Argument(help: "A table of payoffs or of people.", completion: .file())
  var file: String?

  @Flag(help: "List the games with their players and costs.")
  var list = false

  @Option(parsing: .unconditional, help: "Determines all random choices.", transform: Parse.seed)
  var seed: UInt64 = 0

  @Option(
    parsing: .unconditional, help: "How many rounds, or steps of a solver.",
    transform: Parse.integer)
  var rounds: Int?

  @Option(
    parsing: .unconditional, help: "bilinear, dirac-gan: the step size of all solvers.",
    transform: Parse.number)
  var stepSize: Double?

  @Option(help: "dirac-gan: the costs: minimax, non-saturating, wasserstein or penalized.")
  var form: String?

  @Option(help: "matrix: a table of the second player's payoffs.", completion: .file())
  var second: String?

  @Option(help: "performative, strategic: the column that holds what is to be predicted.")
  var target: String?

  @Option(help: "strategic: what that column says of those who are to be accepted.")
  var favorable: String?

  @Option(help: "strategic: a table of feature, price and change.", completion: .file())
  var costs: String?

  @Option(
    help: "strategic: how prices make a cost: l1, euclidean, quadratic or separable; l1 by default."
  )
  var costShape: String?

  @Option(
    parsing: .unconditional, help: "strategic: what it is worth to be accepted; 2 by default.",
    transform: Parse.number)
  var benefit: Double?

  @Option(help: "performative: the columns that people can change, joined by commas.")
  var strategic: String?

  @Option(
    help: "performative: how strongly people react, joined by commas; 1,10,100 by default.")
  var strengths: String?

  @Option(
    parsing: .unconditional,
    help: "performative: the weight of squared weights; 1 over the number of people by default.",
    transform: Parse.number)
  var penalty: Double?

  @Option(
    parsing: .unconditional,
    help:
      "performative, strategic: how many people of the more frequent class are taken; 10000 by default.",
    transform: Parse.integer)
  var mostNegatives: Int?

  @Option(
    parsing: .unconditional, help: "spam: how many words spammers add at most; 10 by default.",
    transform: Parse.integer)
  var count: Int?

  @OptionGroup var results: ResultArguments

  /// What is asked for.
  private func specification(_ game: String) throws -> PlaySpecification {
    var asked = PlaySpecification(game: game)
    asked.file = file
    asked.seed = seed
    asked.rounds = rounds
    asked.stepSize = stepSize
    asked.form = form
    asked.second = second
    asked.target = target
    asked.favorable = favorable
    asked.costs = costs
    asked.costShape = costShape
    asked.benefit = benefit
    asked.strategic = strategic
    asked.strengths = try strengths.map { text in
      try text.split(separator: ",", omittingEmptySubsequences: false).map { part in
        guard let value = Double(part.filter { $0 != " " }) else {
          throw StudyError("--strengths is '\(text)'; expected numbers joined by commas")
        }
        return value
      }
    }
    asked.penalty = penalty
    asked.mostNegatives = mostNegatives
    asked.words = count
    return asked
  }

  mutating func run() async throws {
    guard let game, !list else {
      if list, let game {
        throw StudyError("--list is about all games; expected it without '\(game)'")
      }
      return try Terminal.print(PlayCatalogue.text)
    }
    let asked = try specification(game)
    try OutputFiles.check(
      results.targets,
      apartFrom: [("FILE", file), ("--second", second), ("--costs", costs)])
    let observer = TerminalObserver.observer
    let study = try PlayStudy(asked, command: ShellWords.ownWords, telling: observer)
    let result = try await Interrupt.guarding { try await study.run(telling: observer) }
    try results.delivery(of: result).finish()
  }
}
