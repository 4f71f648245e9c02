import Pages
import Evaluation
import JSON
import Files
import Reports
import Robustness
import Studies
import ArgumentParser

/// The standard evaluation, or another cascade of attacks.
struct EvaluateCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate",
    abstract:
      "Measure how robust a network is, by several attacks in turn, and say if the number can be believed.",
    discussion: """
      By default the published standard evaluation for linf, l2 and l1: APGD on the cross-entropy, targeted APGD, \
      targeted FAB and Square with their budgets. Each attack is run on the examples that none before it broke, and \
      gives up where it would not get there in time at four times its pace. Every success is verified, as by \
      `gibbon attack`.

      A checklist follows: whether gradients vanish or mislead, whether attacks without gradients or of a single \
      step do better, whether more steps still gain, and more. What is suspicious is said with its evidence.

      Of a remote model those attacks are run that make do with what it answers: Square with scores; RayS (linf), \
      HopSkipJump (l2) or GeoDA (l1) with labels.

      With --corruptions, the accuracy under noise, blur, weather and the like instead, without an adversary.

      Ctrl-C keeps what is finished in the file of --resume, or beside that of --json, and the same command goes \
      on from there; so it does once a remote model has ceased to answer.

      Examples:
        gibbon evaluate mnist-standard --threat linf:0.1 --count 50
        gibbon evaluate mnist-robust --threat linf:0.3 --count 1000 \\
          --curve 0:0.4:0.02 --report robust.html
        gibbon evaluate mnist-robust --threat l2:1.5 --count 20 \\
          --attacks apgd-ce,square --json robust.json
        gibbon evaluate mnist-robust --corruptions all --count 100 \\
          --base mnist-standard --report shift.html
      """)

  @Argument(help: ArgumentHelp(ModelReference.helpWithRemote), completion: Completions.models)
  var model: String

  @OptionGroup var arguments: ModelArguments

  @OptionGroup var examples: DataArguments

  @Option(
    help: "What may change: linf:0.3, linf:8/255, l2:1.5 or l1:12.",
    completion: .list(Norm.allCases.map { $0.rawValue + ":" }))
  var threat: String?

  @Option(
    help: ArgumentHelp(
      "The attacks, joined by commas: apgd-ce, apgd-t, fab-t, square (by default all that the model allows), or any of `gibbon attacks`."
    ), completion: Completions.suites)
  var attacks: String?

  @Option(
    help: "Also the accuracy at other radii, such as 0:0.4:0.02.")
  var curve: String?

  @Option(
    help: "Another model, to be compared example by example.", completion: Completions.models)
  var model2: String?

  @Option(
    parsing: .unconditional,
    help: "End with status 1 if the robust accuracy is below this, such as 0.4.",
    transform: Parse.number)
  var failBelow: Double?

  @OptionGroup var verification: VerificationArguments

  @OptionGroup(title: CorruptionArguments.title) var shift: CorruptionArguments

  @Flag(inversion: .prefixedNo, help: "Go through the checklist.")
  var checks = true

  @Flag(help: "Spend the whole budget of each standard attack, whatever its pace.")
  var exhaustive = false

  @OptionGroup var run: RunArguments

  @OptionGroup var engine: EngineArguments

  @OptionGroup(title: RemoteArguments.title) var remote: RemoteArguments

  @Flag(
    help:
      "Search among 8-bit images, so that what is found is still adversarial once it is saved as a PNG."
  )
  var eightBit = false

  @OptionGroup var results: ResultArguments

  @Option(
    help:
      "Write the changed inputs to this .npz or .safetensors file, or as PNG files to this folder (a name without an ending, or with / at its end)."
  )
  var save: String?

  @Option(
    help:
      "Keep what is finished in this file until the end, and go on with what it holds; FILE.state for --json FILE."
  )
  var resume: String?

  mutating func validate() throws {
    try checkKind()
    if let failBelow, !(0...1 ~= failBelow) {
      throw ValidationError("--fail-below is \(failBelow); expected a share from 0 to 1")
    }
  }

  /// What is asked for.
  private var specification: EvaluationSpecification {
    var asked = EvaluationSpecification(model: model, threat: threat ?? "")
    asked.model2 = model2
    asked.take(arguments, examples, batch: run.batch, engine, remote)
    asked.attacks = attacks
    asked.curve = curve
    asked.checks = checks
    asked.exhaustive = exhaustive
    asked.eightBit = eightBit
    asked.verify = verification.verify
    asked.skipCertified = verification.skipCertified
    asked.seed = run.seed
    return asked
  }

  mutating func run() async throws {
    if let names = shift.corruptions { return try await measureCorruptions(names) }
    let asked = specification
    _ = try asked.check()
    try OutputFiles.check(
      results.targets + [
        .own("--resume", resume),
        .named("--save", save.flatMap { Folder.exists($0) ? nil : $0.trimmingSlashes }),
      ],
      apartFrom: OutputFiles.inputs(model, examples.data, arguments.labels, remote.cache) + [
        ("--model2", model2)
      ])
    try OutputFiles.check([.own("--cache", remote.cache)])
    let observer = TerminalObserver.observer
    let destination = save.map { EvaluationRun.Destination($0) }
    let study = try EvaluationStudy(
      asked, command: ShellWords.ownWords,
      keepingStateIn: resume
        ?? results.json.flatMap { $0.hasPrefix("/dev/") ? nil : $0 + ".state" },
      keepingAnswersBeside: results.json, telling: observer
    ) { try destination?.check(for: $0) }
    let both = try await Interrupt.guarding { try await study.run(telling: observer) }
    let (result, pair) = (both.first, both.pair)
    var delivery = Delivery()
    delivery.tell(result.text + (pair.map { "\n\n" + $0.text } ?? ""))
    if let save, let destination {
      await delivery.step {
        try await result.save(to: destination, telling: observer)
        try Terminal.print("\n" + AttackRun.text(saved: result.evaluation.broken.count, to: save))
      }
    }
    delivery.write(result.json(pair).text(.pretty) + "\n", to: results.json)
    if let report = results.report {
      await delivery.step { try AtomicFile.write(try await result.page(pair).html(), to: report) }
    }
    // What could not be told or written is to be had again without another evaluation.
    let left = study.removeStates(isDelivered: delivery.isWhole)
    try delivery.finish(
      left.isEmpty
        ? nil
        : "\(left.joined(separator: " and ")) \(left.count == 1 ? "holds" : "hold") what could be saved; run the same"
          + " command again to continue")
    try result.checkCertificates()
    try pair?.second.checkCertificates()
    try result.checkAttacks()
    try pair?.second.checkAttacks()
    if let failBelow, result.evaluation.robust.share < failBelow {
      Terminal.error(
        "the robust accuracy is \(Format.percent(result.evaluation.robust.share, decimals: 2)); "
          + "expected \(Format.percent(failBelow, decimals: 2)) at least (--fail-below)")
      throw ExitCode(1)
    }
  }
}

extension String {
  /// Without slashes at the end.
  fileprivate var trimmingSlashes: String {
    var text = self
    while text.count > 1, text.hasSuffix("/") { text.removeLast() }
    return text
  }
}
