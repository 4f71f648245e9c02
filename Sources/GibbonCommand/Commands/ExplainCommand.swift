import ArgumentParser
import Files
import Insight
import Pages
import Studies

/// Where a network looks, and what it takes to see something else, on one page.
struct ExplainCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain",
    abstract: "Gather where a network looks and what it takes to see something else, on one page.",
    discussion: """
      IMAGE is a PNG or JPEG file, prepared as `gibbon classify` does it; without one, examples of --data are taken.

      The parts are attribution (where the network looks), change (the least change after which it sees something else, \
      beside noise and a patch of the same length) and morph (what must change so that it is sure of another class). \
      `gibbon show` has each with all of its options.

      Examples:
        gibbon explain mnist-standard --report seven.html
        gibbon explain mnist-robust --index 0,4 --parts all --report digits.html
        gibbon explain squeezenet.onnx panda.png --labels names.txt \\
          --report panda.html --output maps
      """)

  @Argument(help: ArgumentHelp(ModelReference.help), completion: Completions.models)
  var model: String

  @OptionGroup var pictures: PictureArguments

  @OptionGroup var arguments: ModelArguments

  @Option(
    help: ArgumentHelp(
      "What is looked at, joined by commas: attribution, change, morph, or all; attribution,change by default.",
      valueName: "parts"),
    completion: .list(ExplainSpecification.Part.allCases.map(\.rawValue) + ["all"]))
  var parts: String?

  @Option(
    help: ArgumentHelp(
      "A method of attribution, perhaps with options; may be repeated. By default some that take seconds.",
      valueName: "name"),
    completion: .list(AttributionCatalogue.rows.map(\.name) + [AttributionSpecification.all]))
  var method: [String] = []

  @Option(
    help: ArgumentHelp(
      "The class that the morph leads to, by number or by name; the next likely one by default.",
      valueName: "class"))
  var to: String?

  @Option(
    parsing: .unconditional, help: "Determines all random choices.", transform: Parse.seed)
  var seed: UInt64 = 0

  @Option(
    parsing: .unconditional,
    help: "How many inputs the network sees at once.", transform: Parse.integer)
  var batch = 32

  @OptionGroup var engine: EngineArguments

  @OptionGroup var results: ResultArguments

  @Option(
    help: ArgumentHelp(
      "Write pictures and arrays (attributions.npz, changes.npz) into this folder.",
      valueName: "folder"))
  var output: String?

  mutating func validate() throws { try Parse.check { try StudyError.check(batch: batch) } }

  /// What is asked for.
  private func specification() throws -> ExplainSpecification {
    var asked = ExplainSpecification(model: model)
    asked.modelSettings = arguments.settings
    try pictures.put(into: &asked.photos, &asked.data, &asked.index)
    if let parts { asked.parts = try Self.parts(parts) }
    if !method.isEmpty { asked.methods = method }
    asked.target = to
    asked.seed = seed
    asked.batch = batch
    asked.engine = engine.settings
    return asked
  }

  private static func parts(_ text: String) throws -> [ExplainSpecification.Part] {
    if text == "all" { return ExplainSpecification.Part.allCases }
    let names = ExplainSpecification.Part.allCases.map(\.rawValue)
    let words = text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    let parts = try words.map { word in
      guard let part = ExplainSpecification.Part(rawValue: word) else {
        throw StudyError(
          "--parts: there is no part '\(word)'\(word.suggestion(among: names)); expected \(names.joined(separator: ", "))"
            + " or all")
      }
      return part
    }
    guard Set(parts).count == parts.count else {
      throw StudyError("--parts is '\(text)'; expected each part once")
    }
    return parts
  }

  mutating func run() async throws {
    let asked = try specification()
    try asked.check()
    try OutputFiles.check(
      results.targets,
      apartFrom: OutputFiles.inputs(model, pictures.data, arguments.labels, nil) + pictures.inputs)
    try OutputFiles.check(folder: output)
    let observer = TerminalObserver.observer
    let study = try ExplainStudy(asked, command: ShellWords.ownWords, telling: observer)
    let result = try await Interrupt.guarding { try await study.run(telling: observer) }
    var delivery = results.delivery(of: result)
    if let output { delivery.step { try result.write(to: output) } }
    try delivery.finish()
  }
}
