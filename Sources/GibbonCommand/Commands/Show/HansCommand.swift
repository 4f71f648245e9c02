import ArgumentParser
import Files
import Pages
import Studies

/// Whether a network rides on a cue.
struct HansCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "hans",
    abstract:
      "Find out whether a network rides on a cue instead of what pictures show (Clever Hans).",
    discussion: """
      A watermark, a frame or a colour that comes with one class alone is all that a network needs to learn of it. The \
      pictures of each class are grouped by where the network's reasons lie. What a group has in common and other classes \
      lack is put on pictures of other classes: where many are then read as the class, more than with pixels of other \
      pictures, that is a cue. One that moves about is not found.

      With --plant a network of its own learns from pictures with a cue, is caught and repaired: KIND:SHARE or \
      KIND:SHARE:CLASS. Kinds are patch (a bright square), border (a frame), tint (a colour mixed in) and watermark \
      (stripes); SHARE of the class, 8 by default, has it. Three small networks are trained.

      Examples:
        gibbon show hans --plant patch:0.5 --count 4000 --report hans.html
        gibbon show hans mnist-standard --count 2000 --classes 3,8 --json hans.json
        gibbon show hans photos.onnx --data images:photos --report hans.html
      """)

  @Argument(
    help: ArgumentHelp("\(ModelReference.help) None with --plant."), completion: Completions.models)
  var model: String?

  @Option(
    help: ArgumentHelp(
      "Plant a cue and show all: patch, border, tint or watermark, such as tint:0.3:5.",
      valueName: "kind:share:class"))
  var plant: String?

  @OptionGroup var arguments: ModelArguments

  @OptionGroup var examples: DataArguments

  @Option(help: "The classes to look at, by number or by name, joined by commas; all by default.")
  var classes: String?

  @Option(
    parsing: .unconditional, help: "The most pictures of each class to look at.",
    transform: Parse.integer)
  var perClass = 400

  @Option(
    parsing: .unconditional,
    help: "To how many pictures with the nearest reasons each is joined.",
    transform: Parse.integer)
  var neighbours = 10

  @OptionGroup var run: RunArguments

  @OptionGroup var engine: EngineArguments

  @OptionGroup var results: ResultArguments

  /// What is asked for.
  private var specification: HansSpecification {
    get throws {
      var asked: HansSpecification
      if let plant {
        asked = HansSpecification(plant: plant)
        asked.model = model
        asked.data.count = examples.count ?? (examples.data == nil ? asked.data.count : nil)
        if let data = examples.data { asked.data.data = data }
        asked.data.offset = examples.offset
        asked.data.form = examples.form.settings
      } else {
        guard let model else {
          throw StudyError("there is no model; expected one, or --plant patch:0.5")
        }
        asked = HansSpecification(model: model)
        asked.data = examples.settings
      }
      asked.modelSettings = arguments.settings
      asked.classes = classes
      asked.perClass = perClass
      asked.neighbours = neighbours
      asked.seed = run.seed
      asked.batch = run.batch
      asked.engine = engine.settings
      return asked
    }
  }

  mutating func run() async throws {
    let asked = try specification
    try asked.check()
    try OutputFiles.check(
      results.targets,
      apartFrom: OutputFiles.inputs(model, examples.data, arguments.labels, nil))
    let observer = TerminalObserver.observer
    let study = try HansStudy(asked, command: ShellWords.ownWords, telling: observer)
    let result = try await Interrupt.guarding { try await study.run(telling: observer) }
    try results.delivery(of: result).finish()
  }
}
