import ArgumentParser
import Files
import Pages
import Studies

/// Adversarial changes beside others of the same length.
struct ImperceptibleCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "imperceptible",
    abstract: "Compare adversarial changes with noise and patches of the same length.",
    discussion: """
      For each picture that an attack breaks there are three changes of the same Euclidean length: the adversarial \
      one, random noise, and a patch. Told are what people would see (L0, L1, L2, L-infinity, root mean square, PSNR, \
      SSIM, MS-SSIM, CIEDE2000) and what the network says.

      With --index or --image it is one picture, else the medians over all examples, and curves as the changes grow.

      Examples:
        gibbon show imperceptible mnist-standard --threat linf:0.1 --index 7
        gibbon show imperceptible mnist-robust --threat linf:0.3 --count 100 \\
          --report out.html --json out.json
        gibbon show imperceptible squeezenet.onnx --image panda.png \\
          --threat linf:0.007 --labels names.txt --report panda.html
      """)

  @Argument(help: ArgumentHelp(ModelReference.help), completion: Completions.models)
  var model: String

  @OptionGroup var arguments: ModelArguments

  @OptionGroup var examples: DataArguments

  @Option(
    parsing: .unconditional,
    help: "One example to look at alone, by its index in the data.",
    transform: Parse.integer)
  var index: Int?

  @Option(
    help: "A photograph to look at instead of --data, PNG or JPEG.",
    completion: .file(extensions: ["png", "jpg", "jpeg"]))
  var image: String?

  @Option(
    help: "What the attack may change, such as linf:8/255 or l2:1.5.",
    completion: Completions.threats)
  var threat: String

  @Option(help: "The attack; `gibbon attacks` lists them.", completion: Completions.attacks)
  var attack = "pgd"

  @OptionGroup var run: RunArguments

  @OptionGroup var engine: EngineArguments

  @OptionGroup var results: ResultArguments

  @Option(
    help:
      "Write the pictures as they are and with each change to this .npz or .safetensors file.")
  var save: String?

  /// What is asked for.
  private var specification: ImperceptibleSpecification {
    var asked = AttackSpecification(model: model, threat: threat)
    asked.modelSettings = arguments.settings
    asked.data = examples.settings
    asked.photo = image
    asked.attack = attack
    asked.seed = run.seed
    asked.batch = run.batch
    asked.engine = engine.settings
    var specification = ImperceptibleSpecification(asked)
    specification.index = index
    return specification
  }

  mutating func run() async throws {
    let asked = specification
    _ = try asked.request().check()
    if image != nil, examples.data != nil || examples.count != nil || examples.offset != 0 {
      throw StudyError("expected either --image or --data, --count and --offset")
    }
    try OutputFiles.check(
      results.targets + [.named("--save", save)],
      apartFrom: OutputFiles.inputs(model, examples.data, arguments.labels, nil) + [
        ("--image", image)
      ])
    if let save, !FileEnding.saysArrays(save) {
      throw StudyError(
        "--save is '\(save)'; expected a name that ends in .npz or .safetensors")
    }
    let observer = TerminalObserver.observer
    let study = try ImperceptibleStudy(asked, command: ShellWords.ownWords, telling: observer)
    let result = try await Interrupt.guarding { try await study.run(telling: observer) }
    var delivery = results.delivery(of: result)
    if let save {
      delivery.step { try AtomicFile.write(try result.pictures().encoded(as: save), to: save) }
    }
    try delivery.finish()
  }
}
