import Attacks
import Datasets
import Reports
import Studies
import Training
import ArgumentParser
import Foundation

/// Trains a network, plainly or against an attack.
struct TrainCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train", abstract: "Train a network, plainly or against an attack.",
    discussion: """
      Without --threat the network is trained on the examples as they are. With it, each example is first \
      replaced by the worst that the attack finds within the threat (adversarial training).

      The form of the file is what its ending says: .safetensors, .onnx, .pt or .npz. After each epoch it is replaced \
      by one from which `--resume` goes on exactly as if it had never stopped; so does Ctrl-C. What is unfinished is \
      kept in OUTPUT.state where the form has no room for it. A finished file holds the parameters alone.

      \(AttackArguments.help)

      Methods (--method NAME or NAME:OPTION=VALUE,...):
      \(TrainCommand.methods)

      Examples:
        gibbon train mnist-small --output plain.safetensors --epochs 3
        gibbon train mnist-small --output robust.safetensors --threat linf:0.3 \\
          --attack fgsm --random-start --step-size 0.375
        gibbon train mnist-small --output trades.safetensors \\
          --threat linf:0.3 --method trades:beta=1
      """)

  /// A line for each method, and one for its options.
  private static let methods = MethodCatalogue.rows.map { row in
    let options = row.options.map { option in
      option.standard.map { "\(option.name)=\(Format.shortest($0))" } ?? option.name
    }
    let width = 2 + (MethodCatalogue.rows.map(\.name.count).max() ?? 0)
    let name = row.name.padding(toLength: width, withPad: " ", startingAt: 0)
    let indent = String(repeating: " ", count: width + 2)
    return "  \(name)\(row.summary)"
      + (options.isEmpty ? "" : "\n\(indent)\(options.joined(separator: ", "))")
  }.joined(separator: "\n")

  @Argument(
    help: "The architecture; `gibbon info` lists them.", completion: Completions.architectures)
  var architecture: String

  @Option(
    help:
      "The file to write: .safetensors, .onnx, .pt, .pth or .npz; safetensors without an ending."
  )
  var output: String

  @Option(
    help: ArgumentHelp("The examples: \(DataReference.forms.joined(separator: ", "))."),
    completion: Completions.data)
  var data = "mnist:train"

  @OptionGroup var form: DataFormArguments

  @Option(
    parsing: .unconditional,
    help: "Train on this many examples only, from the first on.",
    transform: Parse.integer)
  var count: Int?

  @Option(
    help: "Begin with the parameters of this network: a built-in one or a file.",
    completion: Completions.models)
  var from: String?

  @OptionGroup var onnx: ONNXArguments

  @OptionGroup var arguments: RecipeArguments

  @OptionGroup var engine: EngineArguments

  @Option(
    help: "What an adversary may change: linf:0.3, linf:8/255 or l2:1.5.",
    completion: Completions.threats)
  var threat: String?

  @Option(help: "The adversary; pgd by default.", completion: Completions.attacks)
  var attack: String?

  @Option(
    help: "Examples to classify after each epoch, such as mnist:test.",
    completion: Completions.data)
  var validation: String?

  @Flag(help: "Go on from the unfinished training in the output file.")
  var resume = false

  @Option(help: "Write the course of the training as JSON to this file.")
  var json: String?

  @Argument(parsing: .allUnrecognized, help: "Options of the attack; see above.")
  var attackOptions: [String] = []

  mutating func run() async throws {
    var asked = TrainingSpecification(architecture: architecture, output: output)
    asked.data.data = data
    asked.data.form = form.settings
    asked.data.count = count
    asked.from = from
    asked.onnx = onnx.settings
    asked.recipe = arguments.settings
    asked.engine = engine.settings
    asked.threat = threat
    asked.attack = attack
    asked.options = try AttackArguments.parse(
      attackOptions, for: Catalogue.row(named: attack ?? "pgd"))
    asked.validation = validation
    asked.resume = resume
    let observer = TerminalObserver.observer
    let study = try TrainingStudy(
      asked, command: ShellWords.ownWords, recordIn: json, telling: observer
    ) { files in
      try OutputFiles.check(
        [.named("--output", output), .json("--json", json)]
          + files.dropFirst().map { .named("--output", $0) },
        apartFrom: OutputFiles.inputs(nil, data, nil, nil)
          + OutputFiles.inputs(nil, validation, nil, nil)
          + [("--from", from == output ? nil : from)])
    }
    _ = try await Interrupt.guarding { try await study.run(telling: observer) }
  }
}
