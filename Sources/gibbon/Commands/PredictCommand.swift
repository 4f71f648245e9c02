import ArgumentParser
import Datasets
import Diagnosis
import Engine
import Files
import JSON
import Networks
import Reports
import Robustness
import Tensors

/// What a network says of examples.
struct PredictCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "predict",
    abstract: "Write a network's outputs for examples, and their gradients.",
    discussion: """
      The file is NumPy's: `logits` (N x outputs), `x` (the examples as the network takes them) and `y` (the \
      labels or other targets, if the data have any); with --gradient also `gradient`, that of the cross-entropy \
      of the label with respect to x. \
      A name that ends in .safetensors makes a file of that form with the same arrays.

      Example:
        gibbon predict mnist-robust --data mnist:test --count 100 \\
          --gradient --output out.npz
      """)

  @Argument(help: ArgumentHelp(ModelReference.helpWithElsewhere), completion: Completions.models)
  var model: String

  @OptionGroup var arguments: ModelArguments

  @OptionGroup var examples: DataArguments

  @Option(help: "The file to write, .npz or .safetensors.")
  var output: String

  @Flag(help: "Also write the gradient of the cross-entropy with respect to the input.")
  var gradient = false

  @Option(
    parsing: .unconditional,
    help: "How many examples the network sees at once; the results do not depend on it.",
    transform: Parse.integer)
  var batch = 128

  @OptionGroup var engine: EngineArguments

  @OptionGroup(title: RemoteArguments.title) var remote: RemoteArguments

  @Option(help: "Write accuracy, time and warnings as JSON to this file.")
  var json: String?

  mutating func validate() throws {
    guard 1...4096 ~= batch else {
      throw ValidationError("--batch is \(batch); expected 1 to 4096")
    }
  }

  mutating func run() async throws {
    guard output.hasSuffix(".npz") || output.hasSuffix(".safetensors") else {
      throw BadArgument(
        "--output is '\(output)'; expected a name that ends in .npz or .safetensors")
    }
    try OutputFiles.check(
      [.named("--output", output), .json("--json", json)],
      apartFrom: OutputFiles.inputs(model, examples.data, arguments.labels, remote.cache))
    let source = try ModelSource(model, arguments) { try examples.exampleShape() }
    if gradient, source.isElsewhere {
      throw BadArgument(
        "--gradient: \(model) reveals no gradients; expected a network that runs here")
    }
    try remote.check(for: [source])
    try engine.check(isUsed: !source.isElsewhere, by: model)
    let data = try examples.load(for: try source.form(arguments), needsLabels: gradient)
    let answers = KeptAnswers(named: remote.cache)
    let (asking, file) = remote.keepingAnswers(beside: output, of: source)
    answers.add(file)
    let claim = try file.map { try FileClaim($0) }
    defer { claim?.release() }
    let subject = try source.subject(for: data, arguments, asking, batch: batch)
    try data.check(fits: subject)
    if let warning = data.labelWarning(for: subject) { Terminal.warning(warning) }
    let compiled = try subject.model(try engine.apply())
    let request = Prediction.Request(data: data, batch: batch, includesGradient: gradient)
    Interrupt.saving { answers.keep().map { "interrupted; \($0)" } ?? "interrupted" }
    defer { Interrupt.saving(nil) }
    let (prediction, report) = try await answers.during {
      try await Interrupt.guarding(subject) {
        let report = try await Checkup.perform(subject, compiled, on: data, isAttacked: false)
        Checkup.warn(report)
        return (try await Prediction.perform(request, on: compiled), report)
      }
    }
    var delivery = Delivery()
    delivery.step {
      try prediction.write(to: output)
      try Terminal.print(
        "\(output): \(Format.count(data.count)) rows of \(subject.outputCount) outputs, "
          + (prediction.accuracy.map {
            "\(Format.percent($0, decimals: 2)) "
              + (data.targetKind == .classes ? "classified rightly, " : "with every label right, ")
          } ?? "")
          + Format.duration(seconds: prediction.seconds))
    }
    if let json {
      let result: JSONValue = [
        "verb": "predict", "version": JSONValue(Gibbon.versionText),
        "model": JSONValue(subject.name),
        "command": JSONValue(ShellWords.ownCommand),
        "model_digest": JSONValue(subject.fileDigest.map { JSONValue($0) }),
        "data": JSONValue(data.name), "count": JSONValue(data.count),
        "clean_accuracy": JSONValue(prediction.accuracy.map { JSONValue($0) }),
        "output": JSONValue(output),
        "seconds": JSONValue(prediction.seconds),
        "warnings": Checkup.json(report?.findings),
        "engine": EngineRecord.json((compiled as? CompiledNetwork)?.algorithms),
      ]
      delivery.write(result.text(.pretty) + "\n", to: json)
    }
    try delivery.finish(delivery.isWhole ? nil : answers.keep())
  }
}
