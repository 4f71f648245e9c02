import ArgumentParser
import Files
import Images
import Pages
import Reports
import Studies

/// What must change so that networks see something else.
struct MorphCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "morph",
    abstract: "Show what must change in a picture so that networks see something else.",
    discussion: """
      For each network and class two changes are searched: the least one, by box-constrained L-BFGS and other searches, \
      and within a budget of L2 length the one of which the network is surest, by PGD. A robust network \
      needs longer changes. Beside them stands noise of the same L2 and L-infinity size, as the control: what counts is \
      the direction of a change.

      MODELS are built-in networks or files, up to eight, and PICTURE a PNG or JPEG file; without it the example of --data \
      at --index is taken. Without a network those for digits are compared: trained plainly, adversarially, and for \
      certificates.

      Examples:
        gibbon show morph --to 3 --report morph.html
        gibbon show morph mnist-standard mnist-robust --index 2 --to all \\
          --report digits.html --animation digits.png
        gibbon show morph squeezenet.onnx panda.png --labels names.txt \\
          --to airliner --report panda.html
      """)

  @Argument(
    help: ArgumentHelp(
      "Networks (\(ModelReference.builtInNames)) or files, and at most one picture, PNG or JPEG.",
      valueName: "models-and-picture"),
    completion: Completions.models)
  var words: [String] = []

  @Option(
    parsing: .unconditional,
    help: "The class to be seen, by number or by name, or all.")
  var to: String

  @OptionGroup var arguments: ModelArguments

  @Option(
    help: ArgumentHelp("The examples, as elsewhere; mnist:test by default."),
    completion: Completions.data)
  var data: String?

  @Option(
    parsing: .unconditional, help: "Which of the examples to take, from 0.",
    transform: Parse.integer)
  var index = 0

  @OptionGroup var form: DataFormArguments

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "The largest L2 length of the large change; by default twice the longest least change toward the class.",
      valueName: "length"))
  var budget: Double?

  @Option(
    parsing: .unconditional, help: "The steps of the search within the budget.",
    transform: Parse.integer)
  var steps = 100

  @Option(
    parsing: .unconditional, help: "How many noises of each size are drawn.",
    transform: Parse.integer)
  var draws = 50

  @OptionGroup var run: RunArguments

  @OptionGroup var engine: EngineArguments

  @OptionGroup var results: ResultArguments

  @Option(
    help: ArgumentHelp(
      "Write the changes as an animated PNG to this file.",
      discussion: "From the input to the large changes, a picture for each network and class."))
  var animation: String?

  @Option(
    help: "Write the same as a film strip to this .png file, a row for each network and class.")
  var strip: String?

  /// What is asked for.
  private func specification() throws -> MorphSpecification {
    var asked = MorphSpecification()
    let pictures = words.filter(ImageFile.isImage)
    guard pictures.count <= 1 else {
      throw StudyError("\(pictures[1]): expected one picture, but \(pictures[0]) is another")
    }
    asked.photo = pictures.first
    let models = words.filter { !ImageFile.isImage($0) }
    if !models.isEmpty { asked.models = models }
    guard asked.photo == nil || (data == nil && index == 0) else {
      throw StudyError("\(pictures[0]): expected either a picture or --data and --index")
    }
    guard index >= 0 else { throw StudyError("--index is \(index); expected 0 or more") }
    asked.target = to
    asked.modelSettings = arguments.settings
    if let data { asked.data.data = data }
    asked.data.form = form.settings
    asked.data.offset = index
    asked.budget = budget
    asked.steps = steps
    asked.draws = draws
    asked.seed = run.seed
    asked.batch = run.batch
    asked.engine = engine.settings
    return asked
  }

  mutating func run() async throws {
    let asked = try specification()
    try asked.check()
    for (option, path) in [("--animation", animation), ("--strip", strip)] {
      if let path, !path.hasSuffix(".png") {
        throw StudyError("\(option) is '\(path)'; expected a name that ends in .png")
      }
    }
    try OutputFiles.check(
      results.targets + [
        .named("--animation", animation),
        .named("--strip", strip),
      ],
      apartFrom: asked.models.flatMap { OutputFiles.inputs($0, data, arguments.labels, nil) } + [
        ("the picture", asked.photo)
      ])
    let observer = TerminalObserver.observer
    let study = try MorphStudy(asked, command: ShellWords.ownWords, telling: observer)
    let result = try await Interrupt.guarding { try await study.run(telling: observer) }
    var delivery = results.delivery(of: result)
    if let animation {
      delivery.step { try AtomicFile.write(try result.animation(), to: animation) }
    }
    if let strip { delivery.step { try AtomicFile.write(try result.strip(), to: strip) } }
    try delivery.finish()
  }
}
