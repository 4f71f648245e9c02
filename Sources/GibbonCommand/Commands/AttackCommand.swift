import ArgumentParser
import Attacks
import Files
import JSON
import Pages
import Reports
import Robustness
import Studies

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

      Examples:
        gibbon attack mnist-robust --threat linf:0.3 --attack pgd \\
          --count 100 --steps 40 --step-size 0.01 --restarts 5
        gibbon attack squeezenet.onnx panda.png --threat linf:0.007 \\
          --eight-bit --labels names.txt \\
          --report panda.html --save panda-changed.png
        gibbon attack http://127.0.0.1:8000/predict --data mnist:test \\
          --count 20 --threat linf:0.3 \\
          --attack square --queries 500 --cache answers.bin
      """)

  @Argument(help: ArgumentHelp(ModelReference.helpWithRemote), completion: Completions.models)
  var model: String

  @OptionGroup var arguments: ModelArguments

  @OptionGroup var examples: DataArguments

  @Option(
    help: ArgumentHelp(
      "What may change, such as linf:8/255 or rotation:30+shift:3.",
      discussion: """
        linf:0.3, l2:1.5, l1:12, l0:20 (pixels); rotation:30 (degrees), shift:3 (pixels), flow:0.5 (pixels), \
        patch:0.1 (share of the area; patch:5px, patch:0.1@ROW,COLUMN), hue:30 (degrees), saturation:0.5, \
        brightness:0.2, contrast:0.5, fog:0.5, blur:2 (pixels). Joined with + one follows the other, with | it is \
        either. Attacks that look for the smallest change also take a name alone, such as l2 or blur.
        """), completion: Completions.threats)
  var threat: String

  @Option(
    help: ArgumentHelp(
      "Other networks, with commas between, on which the attack is made; the model only judges (transfer).",
      valueName: "model,..."))
  var surrogate: String?

  @Option(
    help:
      "A safetensors file with radii of single examples (index, radius), instead of the threat's.")
  var radii: String?

  @Option(help: "The attack; `gibbon attacks` lists them.", completion: Completions.attacks)
  var attack = "pgd"

  @Option(
    parsing: .unconditional,
    help:
      "A class that the attack must make the network see, by number or by name; any wrong one by default."
  )
  var target: String?

  @Option(
    help: ArgumentHelp(
      "What the attack must bring about: \(GoalRule.forms); a label missed by default.",
      discussion: """
        With a single output, labels 0 and 1 are its sides of zero; where examples have several labels, missing one \
        of them is enough. miss:DISTANCE: a regression is farther than that from its target. decision: one of \
        several outputs crosses zero; leave: an output changes by more than a distance. Both compare with the \
        outputs before, whatever the labels.
        """), completion: Completions.goals)
  var goal: String?

  @Option(
    help: ArgumentHelp(
      "Go on until the network gives the target, or one wrong class, more than this probability, such as 0.99.",
      discussion: """
        At least 0.5 and below 1. Examples that were fooled less surely are told apart. Not for attacks that see labels \
        alone.
        """))
  var confidence: Double?

  @OptionGroup var run: RunArguments

  @OptionGroup var engine: EngineArguments

  @OptionGroup(title: RemoteArguments.title) var remote: RemoteArguments

  @OptionGroup var results: ResultArguments

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
    help: "The class of the photograph, by number or by name; what the network sees by default.")
  var label: String?

  @Option(
    help: ArgumentHelp(
      "A folder of pictures, one of which is shown beside the changed photograph: a real example of what it is taken for.",
      discussion: """
        With a folder for each class, called as the class, or the pictures themselves; the network chooses the one of which \
        it is surest.
        """, valueName: "folder"))
  var gallery: String?

  @Argument(
    parsing: .allUnrecognized,
    help: ArgumentHelp(
      "A photograph to attack instead of --data, PNG or JPEG, and options of the attack; see `gibbon attacks NAME`.",
      valueName: "photo-and-options"))
  var photoAndOptions: [String] = []

  /// What is asked for, with the photograph, if there is one, and the attack's options.
  private func specification() throws -> AttackSpecification {
    var asked = AttackSpecification(model: model, threat: threat)
    asked.take(arguments, examples, batch: run.batch, engine, remote)
    asked.label = label
    asked.gallery = gallery
    asked.surrogate = surrogate
    asked.radii = radii
    asked.attack = attack
    asked.target = target
    asked.goal = goal
    asked.confidence = confidence
    asked.eightBit = eightBit
    asked.seed = run.seed
    asked.options = try AttackArguments.parse(
      photoAndOptions, for: Catalogue.row(named: attack), photo: &asked.photo)
    return asked
  }

  mutating func run() async throws {
    let asked = try specification()
    _ = try asked.check()
    try OutputFiles.check(
      results.targets + [.named("--save", save)],
      apartFrom: OutputFiles.inputs(model, examples.data, arguments.labels, remote.cache) + [
        ("the photograph", asked.photo)
      ])
    try OutputFiles.check([.own("--cache", remote.cache)])
    try checkSave(asked.photo)
    let observer = TerminalObserver.observer
    let study = try AttackStudy(
      asked, command: ShellWords.ownWords, keepingAnswersBeside: results.json ?? save,
      telling: observer)
    if study.photograph != nil {
      let result = try await Interrupt.guarding {
        try await study.runOnPhotograph(telling: observer)
      }
      return try tell(result)
    }
    let isRemote = study.request.subject.remote != nil
    Interrupt.saving { [study, json = results.json, save] in
      isRemote
        ? study.answers.keep().map { "interrupted; \($0)" } ?? "interrupted"
        : study.unfinished.interruption(json, save)
    }
    defer { Interrupt.saving(nil) }
    let result = try await Interrupt.guarding { try await study.run(telling: observer) }
    if let unfinished = result.unfinished {
      if unfinished.reason is CancellationError {
        throw StudyInterrupted(description: result.interruption(results.json, save))
      }
      study.answers.keep()
      // All answers are in a file that was asked for, or there is no place for what is finished.
      if remote.cache != nil || (results.json ?? save) == nil { throw unfinished.reason }
    }
    var delivery = Delivery()
    delivery.tell(result.text)
    if let save {
      delivery.step {
        try AtomicFile.write(result.adversarialExamples().encoded(as: save), to: save)
        try Terminal.print(
          AttackRun.text(saved: result.outcomes.count { $0.adversarialExample != nil }, to: save))
      }
    }
    delivery.write(result.json.text(.pretty) + "\n", to: results.json)
    if let report = results.report, result.unfinished == nil {
      await delivery.step { try AtomicFile.write(try await result.page().html(), to: report) }
    }
    try delivery.finish(delivery.isWhole ? nil : study.answers.keep())
    try result.checkEnd(keptIn: [results.json, save].compactMap { $0 }, study.answers.files.first)
  }

  /// Makes sure that what is saved fits what is attacked.
  private func checkSave(_ photo: String?) throws {
    guard let photo else {
      guard let save, !FileEnding.saysArrays(save) else { return }
      throw StudyError(
        "--save is '\(save)'; expected a name that ends in .npz or .safetensors, or in .png for a"
          + " photograph")
    }
    guard examples.data == nil, examples.count == nil, examples.offset == 0, radii == nil else {
      throw StudyError(
        "\(photo): expected either a photograph or --data, --count, --offset and --radii")
    }
    if let save, !save.hasSuffix(".png") {
      throw StudyError("--save is '\(save)'; expected a name that ends in .png for a photograph")
    }
  }

  /// Tells and writes what came of a photograph.
  private func tell(_ result: PhotographAttack) throws {
    var delivery = Delivery()
    delivery.tell(result.text(savedAs: save))
    if let save {
      if let png = result.png {
        delivery.step { try AtomicFile.write(png, to: save) }
      } else {
        Terminal.warning("nothing was saved to \(save), since no adversarial example was found")
      }
    }
    if result.fallsShort {
      Terminal.warning(
        "the network is less sure than --confidence asks, of what is shown and saved")
    }
    delivery.write(result.json.text(.pretty) + "\n", to: results.json)
    delivery.write(try result.page().html(), to: results.report)
    try delivery.finish()
    try result.run.checkEnd(keptIn: [results.json].compactMap { $0 }, nil)
  }
}

/// What attacks there are, and their options.
struct AttacksCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "attacks",
    abstract: "List the attacks, or the options of one.",
    discussion: """
      They are for `gibbon attack`, `gibbon evaluate --attacks` and as adversaries for `gibbon train`.

      Examples:
        gibbon attacks
        gibbon attacks pgd
      """)

  @Argument(help: "An attack whose options are to be listed.", completion: Completions.attacks)
  var attack: String?

  func run() throws {
    guard let attack else { return try Terminal.print(AttacksCommand.list) }
    let row = try Catalogue.row(named: attack)
    let facts = [
      "\(row.name): \(row.summary)",
      "it needs \(row.knowledge), and is for \(row.norms.map(\.rawValue).joined(separator: ", "))",
    ]
    try Terminal.print((facts + AttackArguments.options(of: row)).joined(separator: "\n"))
  }

  /// A line for each attack.
  private static var list: String {
    var table = Table(columns: [
      .words("attack"), .words("what it does"), .words("needs"), .words("norms"),
    ])
    for row in Catalogue.all {
      table.append(texts: [
        row.name, row.summary, "\(row.knowledge)",
        row.norms == Norm.allCases ? "all" : row.norms.map(\.rawValue).joined(separator: " "),
      ])
    }
    return table.text() + "\n`gibbon attacks NAME` lists the options of one."
  }
}
