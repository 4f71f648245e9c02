import Datasets
import JSON
import Reports
import Studies
import ArgumentParser

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

      Examples:
        gibbon predict mnist-standard --count 1000 --output logits.npz
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
    try Parse.check { try StudyError.check(batch: batch, most: 4096) }
  }

  mutating func run() async throws {
    guard FileEnding.saysArrays(output) else {
      throw StudyError(
        "--output is '\(output)'; expected a name that ends in .npz or .safetensors")
    }
    try OutputFiles.check(
      [.named("--output", output), .json("--json", json)],
      apartFrom: OutputFiles.inputs(model, examples.data, arguments.labels, remote.cache))
    try OutputFiles.check([.own("--cache", remote.cache)])
    var asked = PredictionSpecification(model: model)
    asked.take(arguments, examples, batch: batch, engine, remote)
    asked.gradient = gradient
    let observer = TerminalObserver.observer
    let study = try PredictionStudy(asked, keepingAnswersBeside: output, telling: observer)
    let prediction = try await Interrupt.guarding { try await study.run(telling: observer) }
    var delivery = Delivery()
    delivery.step {
      try prediction.write(to: output)
      try Terminal.print(
        "\(output): \(Format.count(study.data.count)) rows of \(study.subject.outputCount) outputs, "
          + (prediction.accuracy.map {
            "\(Format.percent($0, decimals: 2)) "
              + (study.data.targetKind == .classes
                ? "classified correctly, " : "with every label right, ")
          } ?? "")
          + Format.duration(seconds: prediction.seconds))
    }
    delivery.write(
      study.record(of: prediction, writtenTo: output, command: ShellWords.ownWords).text, to: json)
    try delivery.finish(delivery.isWhole ? nil : study.answers.keep())
  }
}
