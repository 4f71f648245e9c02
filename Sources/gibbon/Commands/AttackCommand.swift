import ArgumentParser
import Attacks
import Datasets
import Diagnosis
import Files
import Networks
import Reports
import Robustness

/// One named attack on every example.
struct AttackCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "attack",
    abstract: "Run one attack on every example and say how many it breaks.",
    discussion: """
      Every success is verified: the changed input is inside the threat and inside the data's range, \
      exactly, and the network is run on it once more. The same seed gives the same changed inputs, \
      whatever the batch.

      \(AttackArguments.help)

      Example:
        gibbon attack mnist-robust --threat linf:0.3 --attack pgd --steps 40 --step-size 0.01 --restarts 5
        gibbon attack squeezenet.onnx panda.png --threat linf:0.007 --eight-bit --labels names.txt \
          --report panda.html --save panda-changed.png
      """)

  @Argument(help: ArgumentHelp(ModelReference.help))
  var model: String

  @OptionGroup var arguments: ModelArguments

  @OptionGroup var examples: DataArguments

  @Option(help: "What may change: linf:0.3, linf:8/255, l2:1.5, l1:12 or l0:20 (pixels).")
  var threat: String

  @Option(
    help:
      "A safetensors file with radii of single examples (index, radius), instead of the threat's.")
  var radii: String?

  @Option(help: "The attack; `gibbon attacks` lists them.")
  var attack = "pgd"

  @Option(
    parsing: .unconditional,
    help: "A class that the attack must make the network see; any wrong one by default.",
    transform: Parse.integer)
  var target: Int?

  @Option(
    help: ArgumentHelp(
      "What the attack must bring about: \(Aim.forms); a label missed by default.",
      discussion: """
        With a single output, labels 0 and 1 are its sides of zero; where examples have several labels, missing one \
        of them is enough. miss:DISTANCE: a regression is farther than that from its target. decision: one of \
        several outputs crosses zero; leave: an output changes by more than a distance. Both compare with the \
        outputs before, whatever the labels.
        """))
  var goal: String?

  @OptionGroup var run: RunArguments

  @OptionGroup var engine: EngineArguments

  @Option(help: "Write the result as JSON to this file.")
  var json: String?

  @Option(help: "Write a page with pictures to this file.")
  var report: String?

  @Option(
    help:
      "Write the changed inputs to this .npz or .safetensors file; of a photograph, a .png file.")
  var save: String?

  @Flag(
    help:
      "Search among 8-bit images, so that what is found is still adversarial once it is saved as a PNG."
  )
  var eightBit = false

  @Option(
    parsing: .unconditional,
    help: "The class of the photograph; what the network sees by default.",
    transform: Parse.integer)
  var label: Int?

  @Argument(
    parsing: .allUnrecognized,
    help: ArgumentHelp(
      "A photograph to attack instead of --data, PNG or JPEG, and options of the attack; see `gibbon attacks NAME`.",
      valueName: "photo-and-options"))
  var photoAndOptions: [String] = []

  private var aim: Aim {
    get throws {
      guard let goal else { return target.map { .reach($0) } ?? .miss }
      if target != nil {
        throw BadArgument("--target and --goal exclude each other; expected one of them")
      }
      return try Aim(goal)
    }
  }

  mutating func run() async throws {
    let row = try Catalogue.row(named: attack)
    var photo: String?
    var options = try AttackArguments.parse(photoAndOptions, for: row, photo: &photo)
    let aim = try aim
    // Wrong options are named before files are read.
    _ = try row.attack(options)
    let reference = try ThreatReference(threat)
    guard row.norms.contains(reference.norm) else {
      throw AttackError.norm(reference.norm, attack: row.name, known: row.norms)
    }
    try OutputFiles.check(["--json": json, "--report": report, "--save": save])
    let network = try ModelReference.load(model, arguments).network
    let photograph = try photo.map { try open(photo: $0, for: network) }
    let data =
      try photograph?.data(label: 0, classNames: ["unknown"])
      ?? load(for: network, aim)
    // Other losses are about one class of several.
    if !aim.isAboutClasses(data.targetKind), options["objective"] == nil,
      row.parameters.contains(where: { $0.name == "objective" })
    {
      options["objective"] = "margin"
    }
    let chosen = try row.attack(options)
    let work = AttackRun.Request(
      model: model, network: network, data: data, threat: reference, aim: aim,
      attack: chosen, attackDescription: AttackArguments.describe(row, options),
      radii: try radii.map { try RadiusFile(path: $0) },
      levels: eightBit ? Levels(ByteLevels(network.input.bounds).values) : nil, seed: run.seed,
      batch: run.batch, algorithms: try engine.apply())
    if let photograph { return try await run(on: photograph, work) }
    let result = try await Interrupt.guarding {
      try AttackRun.check(work)
      let compiled = try CompiledNetwork(network, algorithms: work.algorithms)
      let report = try await Checkup.perform(network, compiled, on: data)
      Checkup.warn(report.findings)
      var result = try await AttackRun.perform(work, on: compiled)
      result.findings = report.findings
      return result
    }
    if let save { try AtomicFile.write(result.witnesses(as: save), to: save) }
    if let json { try AtomicFile.write(result.json.text(.pretty) + "\n", to: json) }
    if let report { try AtomicFile.write(try await result.page().html(), to: report) }
    try Terminal.print(result.text)
  }

  /// The examples, if no photograph is attacked.
  private func load(for network: Network, _ aim: Aim) throws -> Dataset {
    guard label == nil else { throw BadArgument("--label belongs to a photograph; there is none") }
    if let save, !save.hasSuffix(".npz"), !save.hasSuffix(".safetensors") {
      throw BadArgument(
        "--save is '\(save)'; expected a name that ends in .npz or .safetensors, or in .png for a"
          + " photograph")
    }
    // Whole numbers may be those of a regression; what is no class is not made one.
    return try examples.load(for: network, targets: aim.targets == .numbers ? .numbers : nil)
  }

  /// The photograph to be attacked.
  private func open(photo path: String, for network: Network) throws -> Photograph {
    guard examples.data == nil, examples.count == nil, examples.offset == 0, radii == nil else {
      throw BadArgument(
        "\(path): expected either a photograph or --data, --count, --offset and --radii")
    }
    if let save, !save.hasSuffix(".png") {
      throw BadArgument("--save is '\(save)'; expected a name that ends in .png for a photograph")
    }
    let options = try examples.form.options(for: nil)
    return try Photograph(path: path, for: network, resize: options.resize)
  }

  /// Attacks the photograph and writes what came of it.
  private func run(on photograph: Photograph, _ work: AttackRun.Request) async throws {
    let label = self.label
    let result = try await Interrupt.guarding {
      try await PhotographAttack.perform(on: photograph, label: label, work)
    }
    if let save, let png = result.png { try AtomicFile.write(png, to: save) }
    if let json { try AtomicFile.write(result.json.text(.pretty) + "\n", to: json) }
    if let report { try AtomicFile.write(try result.page().html(), to: report) }
    try Terminal.print(result.text(savedAs: result.png == nil ? nil : save))
  }
}
