import ArgumentParser
import Corruptions
import Files
import Pages
import Settings
import Studies

/// What is asked of a model under corruptions.
struct CorruptionArguments: ParsableArguments {
  static let title: String = "Corruptions"

  @Option(
    help: ArgumentHelp(
      "Instead of attacks: the accuracy under these corruptions, joined by commas; all, or common for 15 of them.",
      valueName: "names"), completion: Completions.corruptions)
  var corruptions: String?

  @Option(
    help: ArgumentHelp(
      "Of these severities: numbers from 1 to 5 joined by commas, all, or published (of MNIST-C).",
      valueName: "numbers"))
  var severities: String?

  @Option(
    help: ArgumentHelp(
      "By the constants of this suite: cifar10-c, imagenet-c or mnist-c; by default the one that fits.",
      valueName: "suite"), completion: .list(CorruptionSuite.allCases.map(\.rawValue)))
  var suite: String?

  @Option(
    help: ArgumentHelp(
      "Measure errors against those of this network, or of its record (--json) on the same pictures.",
      valueName: "base"), completion: Completions.models)
  var base: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Draw each corruption so many times; the worst draw of each example counts, too.",
      valueName: "draws"), transform: Parse.integer)
  var worstOf: Int?

  @Flag(help: "Also the accuracy as corruptions grow, and as classes become more or less frequent.")
  var drift = false

  /// The options that were given and are about nothing else.
  var given: [String] {
    [
      severities.map { _ in "--severities" }, suite.map { _ in "--suite" },
      base.map { _ in "--base" }, worstOf.map { _ in "--worst-of" }, drift ? "--drift" : nil,
    ].compactMap { $0 }
  }
}

extension EvaluateCommand {
  /// Makes sure that no option is given that is about attacks where there are none, or the other way round.
  ///
  /// - Throws: `ValidationError` that names it.
  func checkKind() throws {
    guard shift.corruptions != nil else {
      if let option = shift.given.first {
        throw ValidationError("\(option) is about --corruptions, which is not given")
      }
      guard threat != nil else {
        throw ValidationError("Missing expected argument '--threat <threat>'")
      }
      return
    }
    let others = [
      threat.map { _ in "--threat" }, attacks.map { _ in "--attacks" },
      curve.map { _ in "--curve" }, model2.map { _ in "--model2" },
      failBelow.map { _ in "--fail-below" }, verification.verify ? "--verify" : nil,
      checks ? nil : "--no-checks",
      verification.skipCertified ? "--skip-certified" : nil, exhaustive ? "--exhaustive" : nil,
      eightBit ? "--eight-bit" : nil, save.map { _ in "--save" }, resume.map { _ in "--resume" },
    ]
    if let option = others.compactMap({ $0 }).first {
      throw ValidationError(
        "\(option) is about attacks, but --corruptions asks for corruptions; expected one of them")
    }
  }

  /// Measures the model under corruptions.
  func measureCorruptions(_ names: String) async throws {
    var asked = CorruptionSpecification(model: model)
    asked.take(arguments, examples, batch: run.batch, engine, remote)
    asked.corruptions.names = names.split(separator: ",", omittingEmptySubsequences: false)
      .map(String.init)
    asked.corruptions.severities = shift.severities
    asked.corruptions.suite = shift.suite
    asked.base = shift.base
    asked.worstOf = shift.worstOf ?? 1
    asked.drift = shift.drift
    asked.seed = run.seed
    try asked.check()
    try OutputFiles.check(
      results.targets,
      apartFrom: OutputFiles.inputs(model, examples.data, arguments.labels, remote.cache) + [
        ("--base", shift.base)
      ])
    try OutputFiles.check([.own("--cache", remote.cache)])
    let observer = TerminalObserver.observer
    let study = try CorruptionStudy(
      asked, command: ShellWords.ownWords, keepingAnswersBeside: results.json, telling: observer)
    let result = try await Interrupt.guarding { try await study.run(telling: observer) }
    try results.delivery(of: result).finish()
  }
}
