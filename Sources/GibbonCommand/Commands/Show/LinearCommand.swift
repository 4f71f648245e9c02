import ArgumentParser
import Files
import Pages
import Studies

/// The linear explanation of adversarial examples.
struct LinearCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "linear",
    abstract: "Show that many small changes add up: the linear explanation.",
    discussion: """
      A score w.x moves by eps |w|_1 along the signs of w, and by eps |w|_2 under random signs. The ratio is measured for \
      normal weights, logistic regression and networks, on examples resampled to several sizes, each trained anew; told is \
      the power of the number of values by which it grows. Linear models are trained plainly, with weight decay, in closed \
      form against L-infinity and adversarially; the logits of MODEL are followed along the signs of its gradient.

      Examples:
        gibbon show linear --count 1000 --sizes 7,14,28 --draws 1 --report linear.html
        gibbon show linear mnist-robust --classes 4,9 --threat linf:0.1 \\
          --count 1000 --sizes 7,14,28 --draws 1 --json linear.json
      """)

  @Argument(
    help: ArgumentHelp(
      "\(ModelReference.help) Its logits are followed along the signs of its gradient."),
    completion: Completions.models)
  var model = "mnist-standard"

  @OptionGroup var arguments: ModelArguments

  @Option(
    help: "The examples that linear models and networks are trained on.",
    completion: Completions.data)
  var data = "mnist:train"

  @Option(
    parsing: .unconditional, help: "How many of them to take, from the first on.",
    transform: Parse.integer)
  var count = 10_000

  @Option(help: "The examples that all is measured on.", completion: Completions.data)
  var validation = "mnist:test"

  @Option(help: "The two classes that linear models tell apart, by number or by name.")
  var classes = "3,7"

  @Option(help: "The sides in pixels that examples are resampled to, 3 to 8 of them.")
  var sizes = "7,14,28,56,112"

  @Option(help: "How far each value may change: linf and a radius.")
  var threat = "linf:0.25"

  @Option(
    parsing: .unconditional, help: "How many networks are trained for each size and form.",
    transform: Parse.integer)
  var draws = 3

  @Option(
    parsing: .unconditional, help: "How many passes over the data networks are trained for.",
    transform: Parse.integer)
  var epochs = 4

  @Option(
    parsing: .unconditional, help: "Determines all random choices.", transform: Parse.seed)
  var seed: UInt64 = 0

  @OptionGroup var engine: EngineArguments

  @OptionGroup var results: ResultArguments

  /// What is asked for.
  private var specification: LinearSpecification {
    var asked = LinearSpecification()
    asked.model = model
    asked.modelSettings = arguments.settings
    asked.data.data = data
    asked.data.count = count
    asked.validation = validation
    asked.classes = classes
    asked.sizes = sizes
    asked.threat = threat
    asked.draws = draws
    asked.epochs = epochs
    asked.seed = seed
    asked.engine = engine.settings
    return asked
  }

  mutating func run() async throws {
    let asked = specification
    _ = try asked.check()
    try OutputFiles.check(
      results.targets,
      apartFrom: OutputFiles.inputs(model, data, arguments.labels, nil))
    let observer = TerminalObserver.observer
    let study = try LinearStudy(asked, command: ShellWords.ownWords, telling: observer)
    let result = try await Interrupt.guarding { try await study.run(telling: observer) }
    try results.delivery(of: result).finish()
  }
}
