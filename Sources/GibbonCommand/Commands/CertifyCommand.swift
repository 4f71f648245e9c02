import ArgumentParser
import Files
import Pages
import Settings
import Studies

/// Certificates of a classifier smoothed by noise.
struct CertifyCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "certify",
    abstract: "Certify within which radius a classifier under noise cannot be fooled.",
    discussion: """
      Randomised smoothing (Cohen et al. 2019): the class that the model most often reads under noise, and a radius \
      within which no change of the example alters it. It works for any model, also for a remote one, and needs a \
      network that was trained under such noise, as by `gibbon train --method gaussian`.

      Normal noise certifies in L2, uniform noise in L1. --anytime asks instead whether each of some radii holds, and \
      draws only until that is decided.

      Bounds of the network itself are `gibbon evaluate --verify`.

      Examples:
        gibbon certify mnist-standard --smoothing gaussian:0.25 --count 5 --draws 1000
        gibbon certify mnist-robust --smoothing gaussian:0.5 --count 5 --draws 2000 \\
          --anytime --radii 0.25,0.5 --report certified.html
      """)

  @Argument(help: ArgumentHelp(ModelReference.helpWithRemote), completion: Completions.models)
  var model: String

  @OptionGroup var arguments: ModelArguments

  @OptionGroup var examples: DataArguments

  @Option(
    help: ArgumentHelp(
      "The noise: gaussian:DEVIATION or uniform:HALF-WIDTH, in units of the input.",
      valueName: "noise"),
    completion: .list(["gaussian:", "uniform:"]))
  var smoothing: String

  @Option(
    help:
      "The radii at which certified accuracy is told, joined by commas; one to four deviations by default."
  )
  var radii: String?

  @Flag(help: "Decide each radius by as many draws as that takes, at most --draws.")
  var anytime = false

  @Option(
    parsing: .unconditional, help: "Draws by which the class of an example is chosen.",
    transform: Parse.integer)
  var selection = 100

  @Option(
    parsing: .unconditional, help: "Draws by which its probability is bounded.",
    transform: Parse.integer)
  var draws = 100_000

  @Option(
    parsing: .unconditional, help: "The probability that what is said of an example is wrong.",
    transform: Parse.number)
  var alpha = 0.001

  @OptionGroup var run: RunArguments

  @OptionGroup var engine: EngineArguments

  @OptionGroup(title: RemoteArguments.title) var remote: RemoteArguments

  @OptionGroup var results: ResultArguments

  mutating func run() async throws {
    try OutputFiles.check(
      results.targets,
      apartFrom: OutputFiles.inputs(model, examples.data, arguments.labels, remote.cache))
    try OutputFiles.check([.own("--cache", remote.cache)])
    var asked = SmoothingSpecification(model: model, smoothing: smoothing)
    asked.take(arguments, examples, batch: run.batch, engine, remote)
    asked.radii = radii
    asked.anytime = anytime
    asked.selection = selection
    asked.draws = draws
    asked.alpha = alpha
    asked.seed = run.seed
    let observer = TerminalObserver.observer
    let study = try SmoothingStudy(
      asked, command: ShellWords.ownWords, keepingAnswersBeside: results.json, telling: observer)
    let result = try await Interrupt.guarding { try await study.run(telling: observer) }
    try results.delivery(of: result).finish()
  }
}
