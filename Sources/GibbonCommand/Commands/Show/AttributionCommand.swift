import ArgumentParser
import Files
import Insight
import Pages
import Studies

/// Where a network looks, as several methods tell it.
struct AttributionCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "attribution",
    abstract:
      "Show where a network looks: how much each pixel or column has to do with a class's score.",
    discussion: """
      IMAGE is a PNG or JPEG file, prepared as `gibbon classify` does it; without one, examples of --data are taken. \
      Red speaks for the class, blue against it.

      The methods, with their options and what these are by default; give options after a colon, as in \
      smoothgrad:samples=100,sigma=0.2:
      \(AttributionCommand.methods)

      Examples:
        gibbon show attribution mnist-standard --index 0,1 \\
          --method gradient --method lrp --report out.html
        gibbon show attribution squeezenet.onnx panda.png --method all \\
          --labels names.txt --report panda.html --output maps
        gibbon show attribution http://127.0.0.1:8000/predict --index 3 \\
          --method rise:masks=500 --report out.html
      """)

  @Argument(help: ArgumentHelp(ModelReference.helpWithRemote), completion: Completions.models)
  var model: String

  @OptionGroup var pictures: PictureArguments

  @OptionGroup var arguments: ModelArguments

  @Option(
    help: ArgumentHelp(
      "A method, perhaps with options; may be repeated. All that fit the model by default.",
      valueName: "name"),
    completion: .list(AttributionCatalogue.rows.map(\.name) + [AttributionSpecification.all]))
  var method: [String] = []

  @Option(
    name: .customLong("class"), parsing: .unconditional,
    help: ArgumentHelp(
      "The class whose score is explained, by number or by name; what the network sees by default.",
      valueName: "class"))
  var label: String?

  @Option(
    help:
      "What of it is explained: logit, probability or margin; logit by default, for rise the probability.",
    completion: .list(ClassScore.allCases.map(\.rawValue)))
  var score: String?

  @Flag(
    help:
      "Put the maps to the test: compare them with those of random weights, and remove pixels in their order."
  )
  var checks = false

  @Option(
    parsing: .unconditional, help: "Determines all random choices.", transform: Parse.seed)
  var seed: UInt64 = 0

  @Option(
    parsing: .unconditional,
    help: "How many inputs the network sees at once.", transform: Parse.integer)
  var batch = 32

  @OptionGroup var engine: EngineArguments

  @OptionGroup(title: RemoteArguments.title) var remote: RemoteArguments

  @OptionGroup var results: ResultArguments

  @Option(
    help: ArgumentHelp(
      "Write a picture of each map, and all numbers as attributions.npz, into this folder.",
      valueName: "folder"))
  var output: String?

  mutating func validate() throws { try Parse.check { try StudyError.check(batch: batch) } }

  /// The methods with their options, for the help.
  private static var methods: String {
    AttributionCatalogue.rows.map { row in
      let options = row.options.map { "\($0.name)=\($0.standard)" }
      return "  \(row.name): \(row.summary)"
        + (options.isEmpty ? "" : "; \(options.joined(separator: ", "))")
    }.joined(separator: "\n")
  }

  /// What is asked for.
  private func specification() throws -> AttributionSpecification {
    var asked = AttributionSpecification(model: model)
    asked.modelSettings = arguments.settings
    try pictures.put(into: &asked.photos, &asked.data, &asked.index)
    if !method.isEmpty { asked.methods = method }
    asked.label = label
    asked.score = score
    asked.checks = checks
    asked.seed = seed
    asked.batch = batch
    asked.engine = engine.settings
    asked.remote = remote.settings
    return asked
  }

  mutating func run() async throws {
    let asked = try specification()
    try asked.check()
    try OutputFiles.check(
      results.targets,
      apartFrom: OutputFiles.inputs(model, pictures.data, arguments.labels, remote.cache)
        + pictures.inputs)
    try OutputFiles.check([.own("--cache", remote.cache)])
    try OutputFiles.check(folder: output)
    let observer = TerminalObserver.observer
    let study = try AttributionStudy(
      asked, command: ShellWords.ownWords, keepingAnswersBeside: results.json ?? results.report,
      telling: observer)
    let result = try await Interrupt.guarding { try await study.run(telling: observer) }
    var delivery = results.delivery(of: result)
    if let output { delivery.step { try result.write(to: output) } }
    try delivery.finish(delivery.isWhole ? nil : study.answers.keep())
  }
}
