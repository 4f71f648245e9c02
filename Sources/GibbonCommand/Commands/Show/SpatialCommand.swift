import ArgumentParser
import Files
import Pages
import Studies

/// Networks under rotations and shifts.
struct SpatialCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "spatial",
    abstract: "Compare networks under rotations and shifts: grid, random, gradient.",
    discussion: """
      Each network is run on every point of a grid of rotations and shifts of each example, by default 31 angles and 5 by 5 \
      shifts; on random ones, of which the worst counts; and on what gradients find. Told is what it still reads rightly, \
      also where only changes count that lose no pixel, within a ball of values, and under both.

      A network that takes larger pictures than the first gets the examples on a black canvas.

      Examples:
        gibbon show spatial mnist-standard mnist-robust --count 50
        gibbon show spatial mnist-standard --threat rotation:45 --grid 61 \\
          --count 50 --report out.html --json out.json
      """)

  @Argument(
    help: ArgumentHelp("Built-in networks (\(ModelReference.builtInNames)) or files."),
    completion: Completions.models)
  var models: [String]

  @OptionGroup var arguments: ModelArguments

  @OptionGroup var examples: DataArguments

  @Option(help: "What may be done: rotation:DEGREES, shift:PIXELS or several joined with +.")
  var threat = "rotation:30+shift:3"

  @Option(
    help: ArgumentHelp(
      "How many values the grid has of each angle and shift (a shift has two), joined by commas.",
      valueName: "numbers"))
  var grid = "31,5,5"

  @Option(
    parsing: .unconditional, help: "How many random changes, of which the worst counts.",
    transform: Parse.integer)
  var draws = 10

  @Option(help: "A change of values that comes alone and after the others, such as linf:0.1.")
  var ball = "linf:0.1"

  @OptionGroup var run: RunArguments

  @OptionGroup var engine: EngineArguments

  @OptionGroup var results: ResultArguments

  /// What is asked for.
  private var specification: SpatialSpecification {
    var asked = SpatialSpecification(models: models)
    asked.modelSettings = arguments.settings
    asked.data = examples.settings
    asked.threat = threat
    asked.grid = grid
    asked.draws = draws
    asked.ball = ball
    asked.seed = run.seed
    asked.batch = run.batch
    asked.engine = engine.settings
    return asked
  }

  mutating func run() async throws {
    let asked = specification
    _ = try asked.check()
    try OutputFiles.check(
      results.targets,
      apartFrom: models.flatMap {
        OutputFiles.inputs($0, examples.data, arguments.labels, nil)
      })
    let observer = TerminalObserver.observer
    let study = try SpatialStudy(asked, command: ShellWords.ownWords, telling: observer)
    let result = try await Interrupt.guarding { try await study.run(telling: observer) }
    try results.delivery(of: result).finish()
  }
}
