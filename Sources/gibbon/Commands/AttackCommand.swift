import ArgumentParser
import Attacks
import Datasets
import Diagnosis
import Files
import JSON
import Networks
import Reports
import Robustness
import Tensors

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
        gibbon attack mnist-robust --threat linf:0.3 --attack pgd \\
          --steps 40 --step-size 0.01 --restarts 5
        gibbon attack squeezenet.onnx panda.png --threat linf:0.007 \\
          --eight-bit --labels names.txt \\
          --report panda.html --save panda-changed.png
        gibbon attack http://127.0.0.1:8000/predict --data mnist:test \\
          --count 20 --threat linf:0.3 \\
          --attack square --queries 500 --cache answers.bin
      """)

  @Argument(help: ArgumentHelp(ModelReference.helpWithElsewhere), completion: Completions.models)
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
      "What the attack must bring about: \(Aim.forms); a label missed by default.",
      discussion: """
        With a single output, labels 0 and 1 are its sides of zero; where examples have several labels, missing one \
        of them is enough. miss:DISTANCE: a regression is farther than that from its target. decision: one of \
        several outputs crosses zero; leave: an output changes by more than a distance. Both compare with the \
        outputs before, whatever the labels.
        """), completion: Completions.goals)
  var goal: String?

  @OptionGroup var run: RunArguments

  @OptionGroup var engine: EngineArguments

  @OptionGroup(title: RemoteArguments.title) var remote: RemoteArguments

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
    help: "The class of the photograph, by number or by name; what the network sees by default.")
  var label: String?

  @Argument(
    parsing: .allUnrecognized,
    help: ArgumentHelp(
      "A photograph to attack instead of --data, PNG or JPEG, and options of the attack; see `gibbon attacks NAME`.",
      valueName: "photo-and-options"))
  var photoAndOptions: [String] = []

  /// What the attack is to bring about, but for the number of a class that is called by its name.
  private var aim: Aim {
    get throws {
      guard let goal else { return target.map { .reach(Int($0) ?? 0) } ?? .miss }
      if target != nil {
        throw BadArgument("--target and --goal exclude each other; expected one of them")
      }
      return try Aim(goal)
    }
  }

  mutating func run() async throws {
    try checkWords()
    let row = try Catalogue.row(named: attack)
    var photo: String?
    var options = try AttackArguments.parse(photoAndOptions, for: row, photo: &photo)
    var aim = try aim
    // Wrong options are named before files are read.
    _ = try row.attack(options)
    let reference = try ThreatReference(threat)
    guard reference.isLimited || row.search == .nearest else {
      throw BadArgument(
        "threat '\(reference)': the attack '\(row.name)' needs an amount, such as \(reference):1")
    }
    try row.check(reference.threat())
    guard surrogate == nil || row.search == .largestLoss else {
      throw BadArgument(
        "--surrogate needs an attack that looks for the largest loss inside the threat, not '\(row.name)'"
      )
    }
    if row.name == SharedAscent.name,
      reference.alternatives.count > 1 || radii != nil || eightBit
    {
      throw BadArgument(
        "--attack \(row.name) looks for one change within one threat; expected no |, --radii or --eight-bit"
      )
    }
    try OutputFiles.check(
      [
        .json("--json", json), .page("--report", report), .named("--save", save),
      ],
      apartFrom: OutputFiles.inputs(model, examples.data, arguments.labels, remote.cache) + [
        ("the photograph", photo)
      ])
    var source = try ModelSource(model, arguments) {
      try photo.map { try Photograph.shape(of: $0, examples.form) } ?? examples.exampleShape()
    }
    if photo != nil || reference.needsPictures || [DIFGSM.name, TIFGSM.name].contains(row.name) {
      source = try source.takingPictures()
    }
    if surrogate == nil {
      try source.check(
        needs: row.knowledge, attack: row.name, remedy: ", or --surrogate NETWORK")
    }
    try remote.check(for: [source])
    try engine.check(isUsed: !source.isElsewhere || surrogate != nil, by: model)
    let form = try source.form(arguments)
    let photograph = try photo.map { try open(photo: $0, for: form) }
    let data =
      try photograph?.data(label: 0, classNames: ["unknown"]) ?? load(for: form, aim)
    let answers = KeptAnswers(named: remote.cache)
    let (asking, file) = remote.keepingAnswers(beside: json ?? save, of: source)
    answers.add(file)
    let claim = try file.map { try FileClaim($0) }
    defer { claim?.release() }
    let subject = try source.subject(for: data, arguments, asking, batch: run.batch)
    if goal != nil, let target = aim.target, target >= max(2, subject.outputCount) {
      throw BadArgument(
        "--goal is '\(aim)'; expected class:0 to class:\(max(2, subject.outputCount) - 1)")
    }
    if let target { aim = .reach(try ClassName.number(target, "--target", subject, data)) }
    // Other losses are about one class of several.
    if !aim.isAboutClasses(data.targetKind), options["objective"] == nil,
      row.parameters.contains(where: { $0.name == "objective" })
    {
      options["objective"] = "margin"
    }
    if let count = options["target-classes"].flatMap({ Int($0) }), count >= subject.outputCount,
      subject.outputCount > 1
    {
      Terminal.note(
        "gibbon: --target-classes is \(count), but there are \(subject.outputCount) classes; "
          + "\(subject.outputCount - 1) are tried")
    }
    try data.checkLevels(eightBit)
    let chosen = try row.attack(options)
    let settings = AttackSettings(row, options, threat: radii == nil ? reference : nil)
    var work = AttackRun.Request(
      subject: subject, data: data, threat: reference, aim: aim,
      attack: chosen, attackDescription: settings.description, settings: settings,
      radii: try radii.map { try RadiusFile(path: $0, norm: reference.norm) },
      levels: eightBit ? Levels(ByteLevels(subject.input.bounds).values) : nil, seed: run.seed,
      batch: run.batch, algorithms: try engine.apply())
    work.surrogates = try surrogates(for: subject)
    try AttackRun.check(work)
    if let loss = options["objective"].flatMap(Loss.init(rawValue:)) {
      try work.aim.check(loss, data, outputCount: subject.outputCount)
    }
    reference.warn(
      ifBeyond: data.boundsColumns ? nil : work.bounds, shape: subject.input.shape)
    if let photograph {
      return try await answers.during { [self, work] in try await run(on: photograph, work) }
    }
    let progress = AttackProgress()
    Interrupt.saving { [work, json, save] in
      subject.remote == nil
        ? progress.run(work, algorithms: nil, endedBy: CancellationError()).interruption(json, save)
        : (answers.keep().map { "interrupted; \($0)" } ?? "interrupted")
    }
    defer { Interrupt.saving(nil) }
    let result = try await answers.during { [work] in
      try await Interrupt.guarding(subject) {
        let compiled = try subject.model(work.algorithms)
        let report = try await Checkup.perform(
          subject, compiled, on: data, usesLabels: !work.aim.ignoresLabels)
        Checkup.warn(report, of: data.columns)
        var result = try await AttackRun.perform(
          work, on: compiled, subject.remote == nil ? progress : nil)
        result.findings = report?.findings
        return result
      }
    }
    if let unfinished = result.unfinished {
      if unfinished.reason is CancellationError {
        throw Interrupted(description: result.interruption(json, save))
      }
      answers.keep()
      // All answers are in a file that was asked for, or there is no place for what is finished.
      if remote.cache != nil || (json ?? save) == nil { throw unfinished.reason }
    }
    var delivery = Delivery()
    delivery.tell(result.text)
    if let save {
      delivery.step {
        try AtomicFile.write(result.witnesses().encoded(as: save), to: save)
        try Terminal.print(
          AttackRun.text(saved: result.outcomes.count { $0.witness != nil }, to: save))
      }
    }
    delivery.write(result.json.text(.pretty) + "\n", to: json)
    if let report, result.unfinished == nil {
      await delivery.step { try AtomicFile.write(try await result.page().html(), to: report) }
    }
    try delivery.finish(delivery.isWhole ? nil : answers.keep())
    try result.checkEnd(keptIn: [json, save].compactMap { $0 }, file)
  }

  /// Makes sure that no name is empty.
  ///
  /// - Throws: `BadArgument` that names the option.
  private func checkWords() throws {
    let words = [
      ("--surrogate", surrogate), ("--target", target), ("--goal", goal), ("--label", label),
    ]
    if let empty = words.first(where: { $0.1?.isEmpty == true })?.0 {
      throw BadArgument("\(empty) is empty; expected a value")
    }
  }
}
