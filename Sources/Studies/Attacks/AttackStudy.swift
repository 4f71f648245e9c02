package import Attacks
import Datasets
import Models
import Networks
import Reports
package import Robustness
import Settings
import Tensors

/// All that is asked of one attack on a model: what can be written down and run again, here or elsewhere.
public struct AttackSpecification: Sendable, Hashable, Codable {
  /// A built-in network, a file, or a remote model.
  public var model: String
  /// What the model's file does not say of itself.
  public var modelSettings = ModelSettings()
  /// The examples.
  public var data = DataSettings()
  /// A photograph to attack instead of the examples.
  public var photo: String?
  /// The class of the photograph, by number or by name; what the network sees by default.
  public var label: String?
  /// A folder with pictures of classes, one of which is shown beside the changed photograph.
  public var gallery: String?
  /// What may change, such as `linf:8/255` or `rotation:30+shift:3`.
  public var threat: String
  /// Other networks, joined by commas, on which the attack is made; the model only judges.
  public var surrogate: String?
  /// A safetensors file with radii of single examples, instead of the threat's.
  public var radii: String?
  /// The attack, by its name in the catalogue.
  public var attack = "pgd"
  /// The attack's options that differ from its own, in words.
  public var options: [String: String] = [:]
  /// A class that the attack must make the model see, by number or by name.
  public var target: String?
  /// What the attack must bring about; see `GoalRule`.
  public var goal: String?
  /// The probability that the class to be seen, or one wrong class, must exceed for success, at least 0.5 and below 1;
  /// without one the class need only be what the model sees.
  public var confidence: Double?
  /// Whether to search among 8-bit images.
  public var eightBit = false
  /// Determines all random choices.
  public var seed: UInt64 = 0
  /// How many examples the network sees at once; results do not depend on it.
  public var batch = 128
  /// How networks are computed.
  public var engine = EngineSettings()
  /// How a remote model is asked.
  public var remote = RemoteSettings()

  /// PGD on the whole test set of MNIST, unless something else is said.
  public init(model: String, threat: String) {
    self.model = model
    self.threat = threat
  }

  /// What the attack is to bring about, but for the number of a class that is called by its name.
  var goalRule: GoalRule {
    get throws {
      guard let goal else { return target.map { .reach(Int($0) ?? 0) } ?? .miss }
      if target != nil {
        throw StudyError(
          "\(Setting.target) and \(Setting.goal) cannot be combined; expected one of them")
      }
      return try GoalRule(goal)
    }
  }

  /// The attack's row of the catalogue and the threat, of which each is right and both fit each other.
  ///
  /// - Throws: An error that names what does not, before any file is read.
  package func check() throws -> (row: CatalogueRow, threat: ThreatReference) {
    try checkSettings()
    let words = [
      (Setting.surrogate, surrogate), (.target, target), (.goal, goal), (.label, label),
      (.gallery, gallery),
    ]
    if let empty = words.first(where: { $0.1?.isEmpty == true })?.0 {
      throw StudyError("\(empty) is empty; expected a value")
    }
    let row = try Catalogue.row(named: attack)
    _ = try goalRule
    _ = try row.attack(options)
    if let confidence { try check(confidence, row) }
    let reference = try ThreatReference(threat)
    if row.search != .minimumNorm { try reference.checkAmounts() }
    try row.check(reference.threat())
    guard surrogate == nil || row.search == .maximumLoss else {
      throw StudyError(
        "\(Setting.surrogate) needs an attack that maximises the loss, not '\(row.name)'"
      )
    }
    if row.name == UniversalPerturbation.name,
      reference.alternatives.count > 1 || radii != nil || eightBit
    {
      throw StudyError(
        "\(Setting.attack) \(row.name) finds one perturbation within one threat; expected no |, \(Setting.radii) or"
          + " \(Setting.eightBit)"
      )
    }
    return (row, reference)
  }

  /// Makes sure that a confidence is one, and of something that the attack can see and the goal can speak of.
  private func check(_ confidence: Double, _ row: CatalogueRow) throws {
    guard Confidence.range.contains(confidence) else {
      let own = row.parameters.contains { $0.name == "goal-margin" }
      throw StudyError(
        "\(Setting.confidence) is \(Format.shortest(confidence)); expected a probability, at least 0.5 and below 1"
          + (own
            ? " (the margin of \(row.name) is \(Setting.spelling(ofOption: "goal-margin")))" : ""))
    }
    guard row.knowledge > .labels else {
      throw StudyError(
        "the attack '\(row.name)' sees labels alone, which do not tell how sure the model is; expected another one with"
          + " \(Setting.confidence), such as square or pgd")
    }
    guard try goalRule.canBeSure else {
      throw StudyError(
        "\(Setting.goal) \(try goalRule) makes the model see no class; expected miss or class:K with"
          + " \(Setting.confidence)")
    }
  }

  /// The networks that the attack is made on instead of the model.
  fileprivate func surrogates(
    for subject: Subject, _ observer: Observer
  ) throws -> [AttackRun.Surrogate] {
    try (surrogate?.split(separator: ",", omittingEmptySubsequences: false) ?? []).map { name in
      var other = try Setting.surrogate.reading(String(name)) {
        try ModelReference.load(
          String(name), modelSettings, isOther: true, telling: observer,
          example: { subject.input.shape }
        ).network
      }
      if subject.input.shape.rank == 3 { other = try other.takingPictures() }
      guard other.input.shape == subject.input.shape, other.outputCount == subject.outputCount
      else {
        throw StudyError(
          "\(Setting.surrogate) \(name) takes \(other.input.shape) and has \(other.outputCount) outputs; expected"
            + " \(subject.input.shape) and \(subject.outputCount), as \(model) has")
      }
      return AttackRun.Surrogate(name: String(name), network: other)
    }
  }

  /// The examples, where no photograph is attacked.
  fileprivate func examples(
    for input: InputForm, _ goalRule: GoalRule, _ observer: Observer
  ) throws -> Dataset {
    if label != nil {
      throw StudyError("\(Setting.label) applies only to a photograph; there is none")
    }
    // Whole numbers may be those of a regression; what is no class is not made one.
    return try data.load(
      for: input, needsLabels: !goalRule.ignoresLabels,
      targets: goalRule.targets == .numbers ? .numbers : nil, telling: observer)
  }

  /// The photograph to be attacked.
  fileprivate func open(
    photo path: String, for input: InputForm, _ observer: Observer
  ) throws -> Photograph {
    let options = try data.form.options(for: nil)
    let photograph = try Photograph(path: path, for: input, resize: options.resize)
    if let remark = photograph.remark { observer.note(remark) }
    return photograph
  }
}

extension AttackSpecification {
  private enum CodingKeys: String, CodingKey, CaseIterable {
    case model, modelSettings, data, photo, label, gallery, threat, surrogate, radii, attack,
      options
    case target, goal, confidence, eightBit, seed, batch, engine, remote
  }

  /// Reads a specification; what is left out has its standard value, and null counts as left out.
  ///
  /// - Throws: What the decoder throws; `StudyError` that names a member that there is not, or the one that is missing.
  public init(from decoder: any Decoder) throws {
    let members = try Members(of: decoder, by: CodingKeys.self)
    self.init(model: try members.text(.model), threat: try members.text(.threat))
    try members.read(.modelSettings, into: &modelSettings)
    try members.read(.data, into: &data)
    try members.read(.photo, into: &photo)
    try members.read(.label, into: &label)
    try members.read(.gallery, into: &gallery)
    try members.read(.surrogate, into: &surrogate)
    try members.read(.radii, into: &radii)
    try members.read(.attack, into: &attack)
    try members.read(.options, into: &options)
    // What 0.1 called the margin of cw and ead.
    if let margin = options.removeValue(forKey: "confidence") { options["goal-margin"] = margin }
    try members.read(.target, into: &target)
    try members.read(.goal, into: &goal)
    try members.read(.confidence, into: &confidence)
    try members.read(.eightBit, into: &eightBit)
    try members.read(.seed, into: &seed)
    try members.read(.batch, into: &batch)
    try members.read(.engine, into: &engine)
    try members.read(.remote, into: &remote)
  }
}

/// One attack on a model's examples, or on a photograph, ready to be run.
public final class AttackStudy: Sendable {
  /// What was asked for.
  public let specification: AttackSpecification
  /// The same with model and data at hand.
  package let request: AttackRun.Request
  /// The photograph that is attacked, if it is one.
  package let photograph: Photograph?
  /// Where a picture of the class is looked for that the changed photograph is taken for.
  private let gallery: ExampleFolder?
  /// Where the answers of a remote model are kept.
  package let answers: KeptAnswers
  private let progress = AttackProgress()

  /// Reads model and data.
  ///
  /// - Parameters:
  ///   - specification: What is asked for.
  ///   - command: The words of the command that asks for it, for the record.
  ///   - result: A file beside which the answers of a remote model are kept until the end, where no file for them was
  ///     named.
  ///   - observer: Told what is met.
  /// - Throws: An error that says in one line what does not fit, or what could not be read.
  public init(
    _ specification: AttackSpecification, command: [String] = [],
    keepingAnswersBeside result: String? = nil, telling observer: Observer = .none
  ) throws {
    self.specification = specification
    let (row, reference) = try specification.check()
    let asked = specification
    let settings = asked.modelSettings
    var options = asked.options
    var goalRule = try asked.goalRule
    var source = try ModelSource(asked.model, settings, telling: observer) {
      try asked.photo.map { try Photograph.shape(of: $0, asked.data.form) }
        ?? asked.data.exampleShape()
    }
    if asked.photo != nil || reference.needsPictures
      || [DIFGSM.name, TIFGSM.name].contains(row.name)
    {
      source = try source.takingPictures(telling: observer)
    }
    if asked.surrogate == nil {
      try source.check(
        needs: row.knowledge, attack: row.name, remedy: ", or \(Setting.surrogate) NETWORK")
    }
    try asked.remote.check(for: [source])
    try asked.engine.check(
      isUsed: !source.isRemote || asked.surrogate != nil, by: asked.model)
    let form = try source.form(settings)
    photograph = try asked.photo.map { try asked.open(photo: $0, for: form, observer) }
    if asked.photo == nil, asked.gallery != nil {
      throw StudyError("\(Setting.gallery) applies only to a photograph; there is none")
    }
    gallery = try asked.gallery.map { path in
      try Setting.gallery.reading(path) { try ExampleFolder(path: path) }
    }
    let data =
      try photograph?.data(label: 0, classNames: ["unknown"])
      ?? asked.examples(for: form, goalRule, observer)
    answers = try KeptAnswers(of: [source], asked.remote, beside: [result])
    let subject = try source.subject(
      for: data, settings, answers.settings[0], batch: asked.batch, telling: observer)
    if asked.goal != nil, let target = goalRule.target, target >= max(2, subject.outputCount) {
      throw StudyError(
        "\(Setting.goal) is '\(goalRule)'; expected class:0 to class:\(max(2, subject.outputCount) - 1)"
      )
    }
    if let target = asked.target {
      goalRule = .reach(try ClassName.number(target, .target, subject, data))
    }
    // Other losses are about one class of several.
    if !goalRule.isAboutClasses(data.targetKind), options["objective"] == nil,
      row.parameters.contains(where: { $0.name == "objective" })
    {
      options["objective"] = "margin"
    }
    if let count = options["target-classes"].flatMap({ Int($0) }), count >= subject.outputCount,
      subject.outputCount > 1
    {
      observer.note(
        "\(Setting.targetClasses) is \(count), but there are \(subject.outputCount) classes; "
          + "\(subject.outputCount - 1) are tried")
    }
    try data.checkLevels(asked.eightBit)
    let described = AttackSettings(row, options, threat: asked.radii == nil ? reference : nil)
    var request = AttackRun.Request(
      subject: subject, data: data, threat: reference, attack: try row.attack(options),
      attackDescription: described.description,
      radii: try asked.radii.map { path in
        try Setting.radii.reading(path) { try RadiusFile(path: path, norm: reference.norm) }
      },
      seed: asked.seed, batch: asked.batch)
    request.goalRule = goalRule
    request.confidence = asked.confidence.map { Confidence($0) }
    request.settings = described
    if asked.eightBit {
      request.levels = QuantizationLevels(ByteLevels(subject.input.bounds).values)
    }
    request.command = command
    request.algorithms = try asked.engine.apply()
    request.surrogates = try asked.surrogates(for: subject, observer)
    request.specification = asked
    try AttackRun.check(request)
    if let loss = options["objective"].flatMap(Loss.init(rawValue:)) {
      try request.goalRule.check(
        loss, data, outputCount: subject.outputCount, confidence: request.confidence)
    }
    reference.warning(
      ifBeyond: data.boundsColumns ? nil : request.bounds, shape: subject.input.shape
    ).map(observer.warn)
    self.request = request
  }

  /// Attacks the examples.
  ///
  /// - Parameter observer: Told what happens.
  /// - Returns: What came of it; where the task is cancelled or a remote model ceases to answer, of the examples that
  ///   were finished by then.
  /// - Throws: What the model and the attack throw; `StudyInterrupted` where there is nothing to return.
  public func run(telling observer: Observer = .none) async throws -> AttackRun {
    let (request, subject, progress) = (request, request.subject, progress)
    return try await answers.during {
      try await subject.attended {
        let model = try subject.model(request.algorithms)
        let report = try await DiagnosisStep.perform(
          subject, model, on: request.data, usesLabels: !request.goalRule.ignoresLabels)
        DiagnosisStep.warn(report, of: request.data.columns, telling: observer)
        let request = try await request.readingConfidence(of: model)
        var run = try await AttackRun.perform(
          request, on: model, subject.remote == nil ? progress : nil, telling: observer)
        run.findings = report?.findings
        return run
      }
    }
  }

  /// What is finished while the attack is under way, as after a cancellation; may be called on any thread.
  package var unfinished: AttackRun {
    progress.run(request, computation: nil, endedBy: CancellationError())
  }

  /// Attacks the photograph.
  ///
  /// - Throws: As `run`; nothing is kept of an attack that is cancelled.
  /// - Precondition: A photograph is attacked.
  package func runOnPhotograph(telling observer: Observer) async throws -> PhotographAttack {
    guard let photograph else { preconditionFailure("no photograph") }
    let (request, subject) = (request, request.subject)
    let label = try specification.label.map {
      try ClassName.number($0, .label, subject, request.data)
    }
    return try await answers.during {
      try await subject.attended {
        let model = try subject.model(request.algorithms)
        let report = try await DiagnosisStep.perform(subject, model, on: [try photograph.input])
        DiagnosisStep.warn(report, telling: observer)
        let request = try await request.readingConfidence(of: model, on: try photograph.input)
        var result = try await PhotographAttack.perform(
          on: photograph, label: label, request, by: model, telling: observer)
        result.run.findings = report?.findings
        if let gallery {
          result.gallery = gallery.path
          result.real = try await result.realExample(
            in: gallery, for: specification, by: model, telling: observer)
        }
        return result
      }
    }
  }
}
