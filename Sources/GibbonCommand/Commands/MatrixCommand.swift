import ArgumentParser
import Evaluation
import Files
import Pages
import Reports
import Robustness
import Studies

/// Several networks within several radii, as one table.
struct MatrixCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "matrix",
    abstract: "Measure how robust several networks are within several radii, as one table.",
    discussion: """
      Each network is a row, each radius a column, and the clean accuracy comes first. All cells are about the same \
      examples and attacks, by default those of `gibbon evaluate`. What was broken within a radius counts as broken \
      within each larger one of its norm and is not attacked again, so that rows never rise.

      The best of each column is marked, and what is not clearly less by McNemar's exact test.

      Ctrl-C keeps what is finished in files beside that of --json, or of --resume, and the same command goes on \
      from there.

      Examples:
        gibbon matrix mnist-standard mnist-robust --threat linf:0.1,0.2,0.3 --count 50
        gibbon matrix mnist-standard mnist-robust --threat linf:0.05,0.1 \\
          --threat l2:0.5,1 --count 20 --attacks apgd-ce --verify --report out.html
      """)

  @Argument(
    help: ArgumentHelp("Built-in networks (\(ModelReference.builtInNames)) or files."),
    completion: Completions.models)
  var models: [String]

  @OptionGroup var arguments: ModelArguments

  @OptionGroup var examples: DataArguments

  @Option(
    help: "A norm with radii, such as linf:0.1,0.2 or l2:0.5,1; may be repeated.",
    completion: .list(Norm.allCases.map { $0.rawValue + ":" }))
  var threat: [String]

  @Option(
    help: ArgumentHelp(
      "The attacks, joined by commas: apgd-ce, apgd-t, fab-t, square (by default all), or any of `gibbon attacks`."
    ), completion: Completions.suites)
  var attacks: String?

  @OptionGroup var verification: VerificationArguments

  @Flag(help: "Spend the whole budget of each standard attack, whatever its pace.")
  var exhaustive = false

  @OptionGroup var run: RunArguments

  @OptionGroup var engine: EngineArguments

  @OptionGroup var results: ResultArguments

  @Option(
    help:
      "Keep what is finished in files with this name and those of their cells until the end, and go on with what they hold; FILE.state for --json FILE."
  )
  var resume: String?

  /// What is asked for.
  private var specification: MatrixSpecification {
    var asked = MatrixSpecification(models: models, threats: threat)
    asked.modelSettings = arguments.settings
    asked.data = examples.settings
    asked.attacks = attacks
    asked.exhaustive = exhaustive
    asked.verify = verification.verify
    asked.skipCertified = verification.skipCertified
    asked.seed = run.seed
    asked.batch = run.batch
    asked.engine = engine.settings
    return asked
  }

  mutating func run() async throws {
    let asked = specification
    _ = try asked.check()
    try OutputFiles.check(
      results.targets + [.own("--resume", resume)],
      apartFrom: models.flatMap {
        OutputFiles.inputs($0, examples.data, arguments.labels, nil)
      })
    let observer = TerminalObserver.observer
    let study = try MatrixStudy(
      asked, command: ShellWords.ownWords,
      keepingStateIn: resume
        ?? results.json.flatMap { $0.hasPrefix("/dev/") ? nil : $0 + ".state" },
      telling: observer)
    let result = try await Interrupt.guarding { try await study.run(telling: observer) }
    let delivery = results.delivery(of: result)
    let left = study.removeStates(isDelivered: delivery.isWhole)
    try delivery.finish(
      left.isEmpty
        ? nil
        : "\(left.joined(separator: " and ")) hold what could be saved; run the same command again to continue"
    )
    try result.checkCertificates()
  }
}
