public import Datasets
public import Evaluation
import Files
import Models
package import Networks
import Platform
import Robustness
import Settings

/// All that is asked of an evaluation: what can be written down and run again, here or elsewhere.
public struct EvaluationSpecification: Sendable, Hashable, Codable {
  /// A built-in network, a file, or a remote model.
  public var model: String
  /// Another model, to be compared example by example.
  public var model2: String?
  /// What the models' files do not say of themselves.
  public var modelSettings = ModelSettings()
  /// The examples.
  public var data = DataSettings()
  /// What may change: one ball, such as `linf:8/255`.
  public var threat: String
  /// The attacks, joined by commas; the standard ones by default.
  public var attacks: String?
  /// Radii at which the accuracy is told, too, as FIRST:LAST:STEP.
  public var curve: String?
  /// Whether to go through the checklist.
  public var checks = true
  /// Whether each standard attack spends its whole budget, whatever its pace.
  public var exhaustive = false
  /// Whether to search among 8-bit images.
  public var eightBit = false
  /// Whether to bound the robust accuracy from below, too, by verified bounds.
  public var verify = false
  /// Whether to run no attack on examples that are certified; needs `verify`.
  public var skipCertified = false
  /// Determines all random choices.
  public var seed: UInt64 = 0
  /// How many examples a network sees at once; results do not depend on it.
  public var batch = 128
  /// How networks are computed.
  public var engine = EngineSettings()
  /// How a remote model is asked.
  public var remote = RemoteSettings()

  /// The standard evaluation on the whole test set of MNIST, unless something else is said.
  public init(model: String, threat: String) {
    self.model = model
    self.threat = threat
  }

  /// The names of the attacks, if any are given.
  private var names: [String]? {
    attacks.map { $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init) }
  }

  /// The parts of the specification that need no file.
  package struct Parts {
    let threat: ThreatReference
    let norm: Norm
    let radius: Double
    let attacks: [String]?
    let radii: [RadiusRange.Radius]
    /// What is said of the radii.
    let remark: String?
  }

  /// Makes sure that each part is right.
  ///
  /// - Throws: An error that names what is not, before any file is read.
  package func check() throws -> Parts {
    try checkSettings()
    let reference = try ThreatReference(threat)
    let ball = try reference.ball()
    try Verification.check(verify, skipsCertified: skipCertified)
    if let attacks, names?.contains("") == true {
      throw StudyError(
        "\(Setting.attacks) is '\(attacks)'; expected names of attacks joined by commas, such as apgd-ce,square"
      )
    }
    let grid = try curve.map { try RadiusRange.radii($0, ball.norm) }
    return Parts(
      threat: reference, norm: ball.norm, radius: ball.radius, attacks: names,
      radii: grid?.radii ?? [], remark: grid?.remark)
  }

  /// The attacks on a model: those that all models allow that are compared, or the comparison would be one of attacks.
  fileprivate func suite(
    for subject: Subject, besides subjects: [Subject], _ parts: Parts, _ observer: Observer
  ) throws -> Suite {
    guard parts.attacks == nil, let poor = subjects.min(by: { $0.knowledge < $1.knowledge }),
      poor.knowledge < subject.knowledge
    else {
      return try Suite.standard(
        parts.norm, outputCount: subject.outputCount, knowledge: subject.knowledge,
        names: parts.attacks, isExhaustive: exhaustive)
    }
    let remark =
      "\(poor.name) reveals \(poor.knowledge) only, so \(subject.name) gets the same attacks (the comparison is"
      + " paired); `gibbon evaluate \(subject.name)` runs the standard ones"
    observer.note(remark)
    return try Suite.standard(
      parts.norm, outputCount: subject.outputCount,
      names: Suite.standardNames(parts.norm, poor.knowledge), isExhaustive: exhaustive
    ).remarking(remark)
  }

  /// Makes sure that nothing is asked for that a remote model cannot give, before it is asked about anything.
  fileprivate func check(_ source: ModelSource, _ parts: Parts) throws {
    guard !verify else {
      throw StudyError(
        "\(Setting.verify) needs the network itself, which \(source.name) does not reveal")
    }
    guard curve == nil else {
      throw StudyError("\(Setting.curve) needs gradients, which \(source.name) does not reveal")
    }
    // What attacks need does not depend on the number of classes.
    let suite = try Suite.standard(
      parts.norm, outputCount: 10, knowledge: source.knowledge, names: parts.attacks)
    for member in suite.members {
      try source.check(needs: member.knowledge, attack: member.name)
    }
  }
}

extension EvaluationSpecification {
  private enum CodingKeys: String, CodingKey, CaseIterable {
    case model, model2, modelSettings, data, threat, attacks, curve, checks, exhaustive, eightBit
    case verify, skipCertified
    case seed, batch, engine, remote
  }

  /// Reads a specification; what is left out has its standard value, and null counts as left out.
  ///
  /// - Throws: What the decoder throws; `StudyError` that names a member that there is not, or the one that is missing.
  public init(from decoder: any Decoder) throws {
    let members = try Members(of: decoder, by: CodingKeys.self)
    self.init(model: try members.text(.model), threat: try members.text(.threat))
    try members.read(.model2, into: &model2)
    try members.read(.modelSettings, into: &modelSettings)
    try members.read(.data, into: &data)
    try members.read(.attacks, into: &attacks)
    try members.read(.curve, into: &curve)
    try members.read(.checks, into: &checks)
    try members.read(.exhaustive, into: &exhaustive)
    try members.read(.eightBit, into: &eightBit)
    try members.read(.verify, into: &verify)
    try members.read(.skipCertified, into: &skipCertified)
    try members.read(.seed, into: &seed)
    try members.read(.batch, into: &batch)
    try members.read(.engine, into: &engine)
    try members.read(.remote, into: &remote)
  }
}

/// An evaluation of one model, or of two on the same examples, ready to be run.
public final class EvaluationStudy: Sendable {
  /// What was asked for.
  public let specification: EvaluationSpecification
  /// The same with the models and the data at hand, one for each model.
  package let requests: [EvaluationRun.Request]
  /// Where the answers of remote models are kept.
  package let answers: KeptAnswers
  private let states: [String]
  private let claims: [FileClaim]

  /// Reads models and data.
  ///
  /// - Parameters:
  ///   - specification: What is asked for.
  ///   - command: The words of the command that asks for it, for the record.
  ///   - state: The file in which what is finished is kept until the end, and from which an evaluation that was
  ///     interrupted goes on; that of a second model has a 2 behind its name.
  ///   - result: A file beside which the answers of remote models are kept until the end, where no file for them was
  ///     named.
  ///   - observer: Told what is met.
  ///   - check: Given the data before a model is asked about anything, for what only the caller knows.
  /// - Throws: An error that says in one line what does not fit, or what could not be read.
  public init(
    _ specification: EvaluationSpecification, command: [String] = [],
    keepingStateIn state: String? = nil, keepingAnswersBeside result: String? = nil,
    telling observer: Observer = .none, checking check: (Dataset) throws -> Void = { _ in }
  ) throws {
    self.specification = specification
    let asked = specification
    let settings = asked.modelSettings
    let parts = try asked.check()
    if let remark = parts.remark { observer.note(remark) }
    states = state.map { asked.model2 == nil ? [$0] : [$0, $0 + "2"] } ?? []
    claims = try states.map { try FileClaim($0) }
    let models = [asked.model] + (asked.model2.map { [$0] } ?? [])
    func source(_ name: String, isOther: Bool) throws -> ModelSource {
      try ModelSource(name, settings, isOther: isOther, telling: observer) {
        try asked.data.exampleShape()
      }
    }
    let sources = try models.enumerated().map { place, name in
      place == 0
        ? try source(name, isOther: false)
        : try Setting.model2.reading(name) { try source(name, isOther: true) }
    }
    for source in sources where source.isRemote { try asked.check(source, parts) }
    try asked.remote.check(for: sources)
    try asked.engine.check(isUsed: sources.contains { !$0.isRemote }, by: asked.model)
    let data = try asked.data.load(for: try sources[0].form(settings), telling: observer)
    try data.checkLevels(asked.eightBit)
    try check(data)
    let policy = try asked.engine.apply()
    let answers = try KeptAnswers(
      of: sources, asked.remote,
      beside: sources.indices.map { place in result.map { $0 + (place == 0 ? "" : "2") } })
    self.answers = answers
    let subjects = try sources.enumerated().map { place, source in
      try source.subject(
        for: data, settings, answers.settings[place], batch: asked.batch, telling: observer)
    }
    let states = states
    requests = try subjects.enumerated().map { place, subject in
      try data.checkClasses(missedBy: subject, for: "gibbon evaluate")
      let suite = try asked.suite(for: subject, besides: subjects, parts, observer)
      for member in suite.members {
        try subject.check(needs: member.knowledge, attack: member.name)
      }
      var request = EvaluationRun.Request(
        subject: subject, data: data, threat: parts.threat, norm: parts.norm,
        radius: parts.radius, suite: suite, isExhaustive: asked.exhaustive, radii: parts.radii,
        levels: asked.eightBit ? QuantizationLevels(ByteLevels(subject.input.bounds).values) : nil,
        checks: asked.checks, seed: asked.seed, command: command, batch: asked.batch,
        algorithms: policy, state: states.isEmpty ? nil : states[place])
      request.specification = asked
      if asked.verify { request.verification = try Verification(of: subject, on: data) }
      request.skipsCertified = asked.skipCertified
      return request
    }
  }

  /// Evaluates the models, one after the other.
  ///
  /// - Parameter observer: Told what happens.
  /// - Returns: What came of it.
  /// - Throws: What the models throw; `StudyInterrupted` where the task is cancelled or a remote model ceases to answer,
  ///   once what is finished is in the file of the state.
  public func run(telling observer: Observer = .none) async throws -> EvaluationResult {
    do {
      let first = try await run(requests[0], observer)
      guard requests.count > 1 else { return EvaluationResult(first: first) }
      return EvaluationResult(first: first, second: try await run(requests[1], observer))
    } catch {
      // Another study may go on with what is kept.
      for claim in claims { claim.release() }
      throw error
    }
  }

  private func run(
    _ request: EvaluationRun.Request, _ observer: Observer
  ) async throws -> EvaluationRun {
    try await answers.during {
      try await request.subject.attended {
        let model = try request.subject.model(request.algorithms)
        let report = try await DiagnosisStep.perform(request.subject, model, on: request.data)
        DiagnosisStep.warn(report, of: request.data.columns, telling: observer)
        return try await EvaluationRun.perform(
          request, on: model, findings: report?.findings, telling: observer)
      }
    }
  }

  /// Removes the files of the state, once the result is where it should be.
  public func discardState() {
    _ = removeStates(isDelivered: true)
    for claim in claims { claim.release() }
  }

  /// Removes the files of the state, unless the result did not get where it should and is to be had again.
  ///
  /// - Parameter isDelivered: Whether the result is where it should be.
  /// - Returns: The files that are left.
  package func removeStates(isDelivered: Bool) -> [String] {
    if isDelivered {
      for path in states { _ = unlink(path) }
    } else {
      answers.keep()
    }
    // One that could not be begun on a full disk is empty.
    for path in states where (try? RandomAccessFile(path: path).count) == 0 { _ = unlink(path) }
    return states.filter { WholeFile.exists($0) }
  }

  deinit { for claim in claims { claim.release() } }
}

/// What came of an evaluation of one model or of two.
public struct EvaluationResult: Sendable {
  /// The evaluation of the model.
  public let first: EvaluationRun
  /// That of the model it is compared with, if there is one.
  public var second: EvaluationRun?

  /// What the attacks came to, example by example.
  public var evaluation: Evaluation { first.evaluation }

  /// The share of examples classified correctly as they are.
  public var cleanAccuracy: Double { evaluation.clean.share }

  /// The share of examples classified correctly and not broken: an upper bound of the robust accuracy.
  public var robustAccuracy: Double { evaluation.robust.share }

  /// The share of examples that are certified: a lower bound of the robust accuracy; `nil` where that was not asked.
  public var verifiedAccuracy: Double? { certification?.accuracy.share }

  /// What verified bounds say of each example, where that was asked.
  public var certification: Certification? { first.certification }

  /// The checklist, which says when the number should not be believed; empty if it was left out.
  public var checks: [Check] { first.checks }

  /// Both, if there are two.
  package var pair: EvaluationPair? {
    second.map { EvaluationPair(first: first, second: $0) }
  }
}

extension EvaluationResult {
  /// Evaluates a network that is at hand, on data that are at hand.
  package init(
    of network: Network, on data: Dataset, within threat: String, attacks: [String]?, checks: Bool,
    verify: Bool, seed: UInt64, batch: Int, telling observer: Observer
  ) async throws {
    let reference = try ThreatReference(threat)
    let ball = try reference.ball()
    let subject = Subject(network.architecture, network)
    try data.checkClasses(missedBy: subject, for: "an evaluation")
    let suite = try Suite.standard(
      ball.norm, outputCount: network.outputCount, knowledge: .gradients, names: attacks)
    var request = EvaluationRun.Request(
      subject: subject, data: data, threat: reference, norm: ball.norm, radius: ball.radius,
      suite: suite, checks: checks, seed: seed, batch: batch)
    if verify { request.verification = try Verification(of: subject, on: data) }
    let model = try network.compiled()
    let report = try await DiagnosisStep.perform(subject, model, on: data)
    DiagnosisStep.warn(report, of: data.columns, telling: observer)
    self.init(
      first: try await EvaluationRun.perform(
        request, on: model, findings: report?.findings, telling: observer))
  }
}
