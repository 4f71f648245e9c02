import Networks
import Files
import Insight
import Engine
import Datasets
import Tensors
import Studies
import JSON
import ArgumentParser

/// What a network sees on photographs.
struct ClassifyCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "classify",
    abstract: "Say what a network sees on photographs.",
    discussion: """
      PHOTO is a PNG or JPEG file. Its shorter side is resized to what the network takes, as Pillow does it, and \
      its middle cut out; an orientation that a camera noted is not applied.

      Examples:
        gibbon classify mnist-robust digit.png --top 3
        gibbon classify squeezenet.onnx panda.png --top 5 \\
          --labels imagenet-names.txt
      """)

  @Argument(help: ArgumentHelp(ModelReference.help), completion: Completions.models)
  var model: String

  @Argument(
    help: "Photographs, PNG or JPEG.", completion: .file(extensions: ["png", "jpg", "jpeg"]))
  var photos: [String]

  @OptionGroup var arguments: ModelArguments

  @Option(
    parsing: .unconditional,
    help: "How many classes to name, the likeliest first.",
    transform: Parse.integer)
  var top = 5

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "The shorter side of photographs before their middle is cut out, such as 256 for networks that take 224; as little as fills the network's input by default.",
      valueName: "pixels"),
    transform: Parse.integer)
  var resize: Int?

  @OptionGroup var engine: EngineArguments

  @Option(help: "Write the result as JSON to this file.")
  var json: String?

  /// How many of the photographs are looked at for what may be wrong with the network.
  private static let diagnosed = 8

  mutating func validate() throws {
    guard top > 0 else { throw ValidationError("--top is \(top); expected 1 or more") }
  }

  mutating func run() async throws {
    try OutputFiles.check([.json("--json", json)])
    let observer = TerminalObserver.observer
    let loaded = try ModelReference.load(model, arguments.settings, telling: observer) {
      try photos.first.map { try Photograph.shape(of: $0, resize: resize) }
    }
    let network = loaded.network
    let names = network.input.classNames
    let compiled = try CompiledNetwork(network, algorithms: try engine.settings.apply())
    var texts: [String] = []
    var results: [JSONValue] = []
    var inputs: [Tensor<Float>] = []
    let remarks = Remarks()
    remarks.tell { observer.note("\($0)") }
    for path in photos {
      let photograph = try Photograph(path: path, for: InputForm(network), resize: resize)
      if let remark = photograph.remark { remarks.add(.orientation, remark) }
      let input = try photograph.input
      if inputs.count < ClassifyCommand.diagnosed { inputs.append(input) }
      let ranking = try await compiled.ranking(of: input)
      guard !ranking.entries.isEmpty else {
        throw StudyError("\(path): \(model) gives scores that are not numbers")
      }
      let lines = ranking.entries.prefix(top).map { entry in
        let share = Ranking.percent(entry.probability)
        let padding = String(repeating: " ", count: max(0, 9 - share.count))
        return "\(padding)\(share)  \(names.name(of: entry.label))"
      }
      texts.append(([path] + lines).safeLines)
      results.append(["photo": JSONValue(path), "classes": ranking.json(names, top: top)])
    }
    let subject = Subject(model, network, source: loaded.source)
    let report = try await DiagnosisStep.perform(subject, compiled, on: inputs)
    DiagnosisStep.warn(report, telling: observer)
    var delivery = Delivery()
    delivery.tell(texts.joined(separator: "\n\n"))
    if let json {
      let record = StudyRecord(
        "classify", nil,
        [
          "model": JSONValue(model),
          "command": ShellWords.json(ShellWords.ownWords),
          "model_digest": JSONValue(loaded.fileDigest),
          "photos": .array(results), "warnings": DiagnosisStep.json(report?.findings),
          "engine": EngineRecord.json(compiled.computation),
        ])
      delivery.write(record.text, to: json)
    }
    try delivery.finish()
  }
}
