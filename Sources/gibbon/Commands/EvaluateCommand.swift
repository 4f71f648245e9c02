import ArgumentParser
import Datasets
import Diagnosis
import Evaluation
import Files
import JSON
import Models
import Networks
import Reports
import Robustness

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

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

      Of a model elsewhere those attacks are run that make do with what it answers: Square with scores; RayS (linf), \
      HopSkipJump (l2) or GeoDA (l1) with labels.

      Ctrl-C keeps what is finished in the file of --resume, or beside that of --json, and the same command goes \
      on from there; so it does once a model elsewhere has ceased to answer.

      Example:
        gibbon evaluate mnist-robust --threat linf:0.3 --count 1000 \\
          --curve 0:0.4:0.02 --report robust.html
      """)

  @Argument(help: ArgumentHelp(ModelReference.helpWithElsewhere), completion: Completions.models)
  var model: String

  @OptionGroup var arguments: ModelArguments

  @OptionGroup var examples: DataArguments

  @Option(
    help: "What may change: linf:0.3, linf:8/255, l2:1.5 or l1:12.",
    completion: .list(Norm.allCases.map { $0.rawValue + ":" }))
  var threat: String

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

  @Option(help: "Write the result as JSON to this file.")
  var json: String?

  @Option(help: "Write a page with pictures to this file.")
  var report: String?

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
    if let failBelow, !(0...1 ~= failBelow) {
      throw ValidationError("--fail-below is \(failBelow); expected a share from 0 to 1")
    }
  }

  mutating func run() async throws {
    let reference = try ThreatReference(threat)
    let ball = try reference.ball()
    let names = attacks.map {
      $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    }
    if let attacks, names?.contains("") == true {
      throw BadArgument(
        "--attacks is '\(attacks)'; expected names of attacks joined by commas, such as apgd-ce,square"
      )
    }
    let grid = try curve.map { try RadiusRange.radii($0, ball.norm) }
    if let remark = grid?.remark { Terminal.note("gibbon: \(remark)") }
    let state = resume ?? json.flatMap { $0.hasPrefix("/dev/") ? nil : $0 + ".state" }
    try OutputFiles.check(
      [
        .json("--json", json), .page("--report", report), .own("--resume", resume),
        .named("--save", save.flatMap { Folder.exists($0) ? nil : $0.trimmingSlashes }),
      ],
      apartFrom: OutputFiles.inputs(model, examples.data, arguments.labels, remote.cache) + [
        ("--model2", model2)
      ])
    let states = state.map { model2 == nil ? [$0] : [$0, $0 + "2"] } ?? []
    let claims = try states.map { try FileClaim($0) }
    defer { for claim in claims { claim.release() } }
    let sources = try ([model] + (model2.map { [$0] } ?? [])).enumerated().map { place, name in
      try ModelSource(name, arguments, isOther: place > 0) { try examples.exampleShape() }
    }
    for source in sources where source.isElsewhere { try check(source, ball.norm, names) }
    try remote.check(for: sources)
    try engine.check(isUsed: sources.contains { !$0.isElsewhere }, by: model)
    let data = try examples.load(for: try sources[0].form(arguments))
    try data.checkLevels(eightBit)
    let destination = save.map { EvaluationRun.Destination($0) }
    try destination?.check(for: data)
    let policy = try engine.apply()
    let answers = KeptAnswers(named: remote.cache)
    let subjects = try sources.enumerated().map { place, source in
      let (asking, file) = remote.keepingAnswers(
        beside: json.map { $0 + (place == 0 ? "" : "2") }, of: source)
      answers.add(file)
      return try source.subject(for: data, arguments, asking, batch: run.batch)
    }
    let requests = try subjects.enumerated().map { place, subject in
      try data.check(fits: subject)
      try data.requireClasses(for: "gibbon evaluate")
      try Aim.miss.check(data, outputCount: subject.outputCount)
      let suite = try self.suite(for: subject, besides: subjects, ball.norm, names)
      for member in suite.members {
        try subject.check(needs: member.knowledge, attack: member.name)
      }
      return EvaluationRun.Request(
        subject: subject, data: data, threat: reference, norm: ball.norm, radius: ball.radius,
        suite: suite, isExhaustive: exhaustive, radii: grid?.radii ?? [],
        levels: eightBit ? Levels(ByteLevels(subject.input.bounds).values) : nil,
        checks: checks, seed: run.seed, batch: run.batch, algorithms: policy,
        state: states.isEmpty ? nil : states[place])
    }
    let result = try await answers.during { try await EvaluateCommand.perform(requests[0]) }
    var pair: EvaluationPair?
    if requests.count > 1 {
      let second = try await answers.during { try await EvaluateCommand.perform(requests[1]) }
      pair = EvaluationPair(first: result, second: second)
    }
    var delivery = Delivery()
    delivery.tell(result.text + (pair.map { "\n\n" + $0.text } ?? ""))
    if let save, let destination {
      await delivery.step {
        let note = try await result.save(to: destination)
        try Terminal.print("\n" + AttackRun.text(saved: result.evaluation.broken.count, to: save))
        if let note { Terminal.note("gibbon: \(note)") }
      }
    }
    delivery.write(result.json(pair).text(.pretty) + "\n", to: json)
    if let report {
      await delivery.step { try AtomicFile.write(try await result.page(pair).html(), to: report) }
    }
    // What could not be told or written is to be had again without another evaluation.
    if delivery.isWhole {
      for path in states { _ = unlink(path) }
    } else {
      answers.keep()
    }
    // One that could not be begun on a full disk is empty.
    for path in states where (try? RandomAccessFile(path: path).count) == 0 { _ = unlink(path) }
    let left = states.filter { WholeFile.exists($0) }
    try delivery.finish(
      left.isEmpty
        ? nil
        : "\(left.joined(separator: " and ")) \(left.count == 1 ? "holds" : "hold") what could be kept of the work, and the"
          + " same command goes on from there")
    try result.checkAttacks()
    try pair?.second.checkAttacks()
    if let failBelow, result.evaluation.robust.share < failBelow {
      Terminal.error(
        "the robust accuracy is \(Format.percent(result.evaluation.robust.share, decimals: 2)); "
          + "expected \(Format.percent(failBelow, decimals: 2)) at least (--fail-below)")
      throw ExitCode(1)
    }
  }

  /// The attacks on a model: those that all models allow that are compared, or the comparison would be one of attacks.
  private func suite(
    for subject: Subject, besides subjects: [Subject], _ norm: Norm, _ names: [String]?
  ) throws -> Suite {
    guard names == nil, let poor = subjects.min(by: { $0.knowledge < $1.knowledge }),
      poor.knowledge < subject.knowledge
    else {
      return try Suite.standard(
        norm, outputCount: subject.outputCount, knowledge: subject.knowledge, names: names,
        isExhaustive: exhaustive)
    }
    let remark =
      "\(poor.name) reveals \(poor.knowledge) alone, so that \(subject.name) gets the same attacks and no others, for"
      + " the comparison is paired; `gibbon evaluate \(subject.name)` alone runs the standard ones"
    Terminal.note("gibbon: \(remark)")
    return try Suite.standard(
      norm, outputCount: subject.outputCount, names: Suite.standardNames(norm, poor.knowledge),
      isExhaustive: exhaustive
    ).remarking(remark)
  }

  /// Makes sure that nothing is asked for that a model elsewhere cannot give, before it is asked about anything.
  private func check(_ source: ModelSource, _ norm: Norm, _ names: [String]?) throws {
    guard curve == nil else {
      throw BadArgument("--curve needs gradients, which \(source.name) does not reveal")
    }
    // What attacks need does not depend on the number of classes.
    let suite = try Suite.standard(
      norm, outputCount: 10, knowledge: source.knowledge, names: names)
    for member in suite.members {
      try source.check(needs: member.knowledge, attack: member.name)
    }
  }

  /// Evaluates one model.
  private static func perform(_ request: EvaluationRun.Request) async throws -> EvaluationRun {
    try await Interrupt.guarding(request.subject) {
      let compiled = try request.subject.model(request.algorithms)
      let report = try await Checkup.perform(request.subject, compiled, on: request.data)
      Checkup.warn(report, of: request.data.columns)
      return try await EvaluationRun.perform(request, on: compiled, findings: report?.findings)
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
