import ArgumentParser
import Attacks
import Datasets
import Diagnosis
import Engine
import Files
import Foundation
import JSON
import Networks
import Robustness
import Tensors
import Training

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

      Examples:
        gibbon train mnist-small --output plain.safetensors --epochs 3
        gibbon train mnist-small --output robust.safetensors --threat linf:0.3 \\
          --attack fgsm --random-start --step-size 0.375
      """)

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
    var network = try Architecture.named(architecture).network(seed: arguments.seed)
    var source = DescriptionSource(given: [])
    if let from { (network, source) = try start(from) }
    if from == nil, let option = onnx.given {
      throw BadArgument("\(option) is about the ONNX file of --from; there is none")
    }
    var recipe = try arguments.recipe(try makeAdversary(for: network))
    if let count, count < 1 { throw BadArgument("--count is \(count); expected 1 or more") }
    let place = try TrainingSession.Place(output)
    try OutputFiles.check(
      [
        .named("--output", output), .json("--json", json),
        .named("--output", place.isApart ? place.state : nil),
      ],
      apartFrom: OutputFiles.inputs(nil, data, nil, nil)
        + OutputFiles.inputs(nil, validation, nil, nil) + [("--from", from == output ? nil : from)])
    let claim = try FileClaim(output)
    defer { claim.release() }
    if resume, !WholeFile.exists(place.state) {
      throw BadArgument(
        "\(place.state): there is nothing to resume; expected the file of an unfinished training")
    }
    if !resume { try checkNothingIsLost(place) }
    let file = resume ? try NetworkFile(path: place.state) : nil
    let whole = try open(data, for: network)
    if let count, count > whole.count {
      throw BadArgument("--count is \(count), but \(data) has \(whole.count) examples")
    }
    let examples = whole.subset(offset: 0, count: count)
    try examples.requireClasses(for: "training, which minimises the cross-entropy,")
    try examples.check(fits: Subject(architecture, network))
    if examples.boundsColumns || !examples.fixedColumns.isEmpty {
      recipe = try arguments.recipe(try makeAdversary(for: network, on: examples))
    }
    let measured = try validation.map { try open($0, for: network) }
    try measured?.requireClasses(for: "validation")
    try measured?.check(fits: Subject(architecture, network))
    let start =
      try file.map {
        try TrainingState(
          resuming: $0, named: place.state, architecture: architecture, recipe: recipe,
          data: examples)
      } ?? TrainingState(network, recipe: recipe)
    let session = TrainingSession(
      recipe: recipe, place: place, history: history,
      trainer: Trainer(
        recipe, validation: measured.map { Trainer.Validation($0) },
        algorithms: try engine.apply()))
    var findings: [Finding] = []
    if from != nil { findings = try await examination(of: network, source, on: examples) }
    let result = try await Interrupt.guarding { try await session.run(start, on: examples) }
    let (path, isFinished) = (json, "interrupted; \(output) holds the trained network")
    @Sendable func tell(_ findings: [Finding]) throws {
      guard let path else { return }
      try AtomicFile.write(session.json(result, findings).text(.pretty) + "\n", to: path)
    }
    // Untrained networks know nothing yet, so plain training is looked at when it is over.
    if from == nil {
      source.training = .onExamples
      Interrupt.saving {
        do {
          try tell([])
          return isFinished
        } catch {
          return "\(isFinished); \(error)"
        }
      }
      defer { Interrupt.saving(nil) }
      do {
        findings = try await examination(of: result.network, source, on: examples)
      } catch is CancellationError {
        Interrupt.beginEnd()
        try tell([])
        throw Interrupted(description: isFinished)
      }
    }
    try tell(findings)
  }

  /// What seems to be wrong: with a network that was trained elsewhere, before it is trained further, or with the
  /// trained one.
  private func examination(
    of network: Network, _ source: DescriptionSource, on data: Dataset
  ) async throws -> [Finding] {
    let model = try CompiledNetwork(network)
    let subject = Subject(network.architecture, network, source: source)
    let report = try await Interrupt.guarding {
      try await Checkup.perform(subject, model, on: data, isAttacked: threat != nil)
    }
    Checkup.warn(report)
    return report?.findings ?? []
  }

  /// Opens the examples of a reference.
  private func open(_ reference: String, for network: Network) throws -> Dataset {
    let options = try form.options(for: DataReference(reference))
    return try DataArguments.open(reference, for: InputForm(network), options)
  }

  /// Makes sure that the output file may be replaced: by far the most work is in an unfinished training.
  private func checkNothingIsLost(_ place: TrainingSession.Place) throws {
    for path in Set([place.state, output]) {
      let attributes = try? FileManager.default.attributesOfItem(atPath: path)
      guard attributes?[.type] as? FileAttributeType == .typeRegular else { continue }
      if path != place.state, (try? ModelFormat(ofFile: path)) == place.format { continue }
      guard let old = try? NetworkFile(path: path) else {
        throw BadArgument("\(path): exists, and is not a network that training may replace")
      }
      if old.isUnfinishedTraining {
        throw BadArgument(
          "\(path): holds an unfinished training; go on with --resume, or remove the file")
      }
    }
  }

  /// The network that training begins with, from any kind of file, with what that says of the input.
  private func start(_ reference: String) throws -> (Network, DescriptionSource) {
    var words: [String] = []
    // Only files of tensors alone need to be told.
    if BuiltInNetwork(rawValue: reference) == nil, WholeFile.exists(reference) {
      let format = try ModelFormat(ofFile: reference)
      var isForeign = format == .pyTorch || format == .numPy
      if format == .safeTensors, case .weights = try TensorFile(path: reference) {
        isForeign = true
      }
      if isForeign {
        words = ["--architecture", architecture]
      }
    }
    var arguments = try ModelArguments.parse(words)
    arguments.onnx = onnx
    let form = try Architecture.named(architecture)
    let loaded = try ModelReference.load(reference, arguments) { form.input.shape }
    let network = loaded.network
    return (
      try form.network(
        loading: network.parameters,
        input: network.input.shape == form.input.shape ? network.input : nil), loaded.source
    )
  }

  /// The adversary; what its threat means may depend on the data.
  private func makeAdversary(
    for network: Network, on data: Dataset? = nil
  ) throws -> Recipe.Adversary? {
    let row = try Catalogue.row(named: attack ?? "pgd")
    let options = try AttackArguments.parse(attackOptions, for: row)
    let chosen = try row.attack(options)
    guard let threat else {
      if let option = attack.map({ _ in "attack" }) ?? options.keys.min() {
        throw BadArgument("--\(option) describes an adversary, which also needs --threat")
      }
      return nil
    }
    let reference = try ThreatReference(threat)
    guard reference.isLimited else {
      throw BadArgument(
        "threat '\(reference)': training needs an amount, such as \(reference):1")
    }
    try row.check(reference.threat())
    if data == nil { reference.warn(ifBeyond: network.input.bounds, shape: network.input.shape) }
    let bounds = try Bounds(network.input.lowerBound...network.input.upperBound)
    return Recipe.Adversary(
      chosen,
      threat: try data?.threat(reference, for: network.input) ?? reference.threat(bounds: bounds),
      description: AttackArguments.describe(row, options) + " within \(reference)"
        + (data?.remark(on: reference) ?? ""))
  }

  private var history: [String: String] {
    [
      "command": ShellWords.ownCommand,
      "data": data,
    ]
  }
}
