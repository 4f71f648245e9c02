import ArgumentParser
import Datasets
import Diagnosis
import Files
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
      labels or targets); with --gradient also `gradient`, that of the cross-entropy of the label with respect to x. \
      A name that ends in .safetensors makes a file of that form with the same arrays.

      Example:
        gibbon predict mnist-robust --data mnist:test --count 100 --gradient --output out.npz
      """)

  @Argument(help: ArgumentHelp(ModelReference.help))
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
    try OutputFiles.check(["--output": output, "--json": json])
    let network = try ModelReference.load(model, arguments).network
    let data = try examples.load(for: network)
    try data.check(fits: network, called: model)
    let compiled = try CompiledNetwork(network, algorithms: try engine.apply())
    let request = Prediction.Request(
      network: network, data: data, batch: batch, includesGradient: gradient)
    let (prediction, report) = try await Interrupt.guarding {
      let report = try await Checkup.perform(network, compiled, on: data)
      Checkup.warn(report.findings)
      return (try await Prediction.perform(request, on: compiled), report)
    }
    try prediction.write(to: output)
    if let json {
      let result: JSONValue = [
        "verb": "predict", "version": JSONValue(Gibbon.versionText), "model": JSONValue(model),
        "data": JSONValue(data.name), "count": JSONValue(data.count),
        "clean_accuracy": JSONValue(prediction.accuracy.map { JSONValue($0) }),
        "output": JSONValue(output),
        "seconds": JSONValue(prediction.seconds),
        "warnings": Checkup.json(report.findings), "engine": EngineRecord.json(compiled.algorithms),
      ]
      try AtomicFile.write(result.text(.pretty) + "\n", to: json)
    }
    try Terminal.print(
      "\(output): \(Format.count(data.count)) rows of \(network.outputCount) outputs, "
        + (prediction.accuracy.map {
          "\(Format.percent($0, decimals: 2)) "
            + (data.targetKind == .classes ? "classified rightly, " : "with every label right, ")
        } ?? "")
        + Format.duration(seconds: prediction.seconds))
  }
}
