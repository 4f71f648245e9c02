import Attacks
import Datasets
import Diagnosis
import Engine
import Files
import Foundation
import JSON
import Networks
import Robustness
import Settings
public import Training

/// All that is asked of a training: what can be written down and run again, here or elsewhere.
public struct TrainingSpecification: Sendable, Hashable, Codable {
  /// The form of the network.
  public var architecture: String
  /// The file to write; its ending says the form of file.
  public var output: String
  /// The examples; of their count the first are taken, and the offset is not used.
  public var data = DataSettings("mnist:train")
  /// A network with whose parameters to begin: a built-in one or a file.
  public var from: String?
  /// What the ONNX file of that network leaves open.
  public var onnx = ONNXSettings()
  /// How to train.
  public var recipe = RecipeSettings()
  /// How networks are computed.
  public var engine = EngineSettings()
  /// What an adversary may change; nobody attacks by default.
  public var threat: String?
  /// The adversary, by its name in the catalogue; `pgd` by default.
  public var attack: String?
  /// The adversary's options that differ from its own, in words.
  public var options: [String: String] = [:]
  /// Examples to classify after each epoch.
  public var validation: String?
  /// Whether to go on from the unfinished training in the output file.
  public var resume = false

  /// A training on the training set of MNIST by the standard recipe, unless something else is said.
  public init(architecture: String, output: String) {
    self.architecture = architecture
    self.output = output
  }

  /// The adversary; what its threat means may depend on the data.
  func adversary(
    for network: Network, on data: Dataset? = nil, telling observer: Observer
  ) throws -> Recipe.Adversary? {
    let row = try Catalogue.row(named: attack ?? "pgd")
    let chosen = try row.attack(options)
    guard let threat else {
      if let option = attack.map({ _ in Setting.attack.description })
        ?? options.keys.min().map(Setting.spelling(ofOption:))
      {
        throw StudyError(
          "\(option) is for adversarial training, which also needs \(Setting.threat)")
      }
      return nil
    }
    let reference = try ThreatReference(threat)
    try reference.checkAmounts()
    try row.check(reference.threat())
    if data == nil {
      reference.warning(ifBeyond: network.input.bounds, shape: network.input.shape)
        .map(observer.warn)
    }
    let bounds = try InputBounds(network.input.lowerBound...network.input.upperBound)
    return Recipe.Adversary(
      chosen,
      threat: try data?.threat(reference, for: network.input) ?? reference.threat(bounds: bounds),
      description: AttackSettings.describe(row, options) + " within \(reference)"
        + (data?.remark(on: reference) ?? ""))
  }

  /// The recipe, against an adversary if there is one.
  func makeRecipe(
    against adversary: Recipe.Adversary?, telling observer: Observer
  ) throws -> Recipe {
    try recipe.recipe(
      adversary, within: threat ?? "", isAttackGiven: attack != nil || !options.isEmpty
    ) { reference in
      let (network, _) = try start(reference, telling: observer)
      return MethodHelper(
        try CompiledNetwork(network),
        words: "\(reference) (\(Digests.network(network).prefix(16)))")
    }
  }

  /// The network that training begins with, from any kind of file, with what that says of the input.
  func start(
    _ reference: String, telling observer: Observer
  ) throws -> (Network, DescriptionSource) {
    var settings = ModelSettings()
    settings.onnx = onnx
    // Only files of tensors alone need to be told.
    if BuiltInNetwork(rawValue: reference) == nil, WholeFile.exists(reference) {
      let format = try ModelFormat(ofFile: reference)
      var isForeign = format == .pyTorch || format == .numPy
      if format == .safeTensors, case .weights = try TensorFile(path: reference) {
        isForeign = true
      }
      if isForeign { settings.architecture = architecture }
    }
    let form = try Architecture.named(architecture)
    let loaded = try ModelReference.load(reference, settings, telling: observer) {
      form.input.shape
    }
    let network = loaded.network
    return (
      try form.network(
        loading: network.parameters,
        input: network.input.shape == form.input.shape ? network.input : nil), loaded.source
    )
  }

  /// Opens the examples of a reference that a setting gives.
  fileprivate func open(
    _ reference: String, as setting: Setting = .data, for network: Network, _ observer: Observer
  ) throws -> Dataset {
    let options = try data.form.options(for: DataReference(reference))
    return try DataSettings.open(
      reference, as: setting, for: InputForm(network), options, telling: observer)
  }
}

extension TrainingSpecification {
  private enum CodingKeys: String, CodingKey, CaseIterable {
    case architecture, output, data, from, onnx, recipe, engine, threat, attack, options
    case validation, resume
  }

  /// Reads a specification; what is left out has its standard value, and null counts as left out.
  ///
  /// - Throws: What the decoder throws; `StudyError` that names a member that there is not, or the one that is missing.
  public init(from decoder: any Decoder) throws {
    let members = try Members(of: decoder, by: CodingKeys.self)
    self.init(architecture: try members.text(.architecture), output: try members.text(.output))
    try members.read(.data, into: &data)
    try members.read(.from, into: &from)
    try members.read(.onnx, into: &onnx)
    try members.read(.recipe, into: &recipe)
    try members.read(.engine, into: &engine)
    try members.read(.threat, into: &threat)
    try members.read(.attack, into: &attack)
    try members.read(.options, into: &options)
    try members.read(.validation, into: &validation)
    try members.read(.resume, into: &resume)
  }
}

/// A training, ready to be run.
public final class TrainingStudy: Sendable {
  /// What was asked for.
  public let specification: TrainingSpecification
  private let session: TrainingSession
  private let start: TrainingState
  private let examples: Dataset
  private let source: DescriptionSource
  private let network: Network
  private let record: String?
  private let claim: FileClaim

  /// Reads what there is to begin with, and the data.
  ///
  /// - Parameters:
  ///   - specification: What is asked for.
  ///   - command: The words of the command that asks for it, for the record and the network's history.
  ///   - record: A file to which the course of the training is written as JSON.
  ///   - observer: Told what is met.
  ///   - check: Given the files that will be written, before any is read but the network to begin with.
  /// - Throws: An error that says in one line what does not fit, or what could not be read; `StudyError` where the output
  ///   file holds work that would be lost.
  public init(
    _ specification: TrainingSpecification, command: [String] = [], recordIn record: String? = nil,
    telling observer: Observer = .none, checking check: ([String]) throws -> Void = { _ in }
  ) throws {
    self.specification = specification
    self.record = record
    let asked = specification
    try asked.recipe.check()
    try asked.engine.check()
    var network = try Architecture.named(asked.architecture).network(seed: asked.recipe.seed)
    var source = DescriptionSource(given: [])
    if let from = asked.from {
      (network, source) = try Setting.from.reading(from) {
        try asked.start(from, telling: observer)
      }
    }
    if asked.from == nil, let setting = asked.onnx.given {
      throw StudyError("\(setting) is about the ONNX file of \(Setting.from); there is none")
    }
    var recipe = try asked.makeRecipe(
      against: try asked.adversary(for: network, telling: observer), telling: observer)
    let count = asked.data.count
    if let count, count < 1 {
      throw StudyError("\(Setting.count) is \(count); expected 1 or more")
    }
    let place = try TrainingSession.Place(asked.output)
    try check(place.isApart ? [place.output, place.state] : [place.output])
    claim = try FileClaim(asked.output)
    if asked.resume, !WholeFile.exists(place.state) {
      throw StudyError(
        "\(place.state): there is nothing to resume; expected the file of an unfinished training")
    }
    if !asked.resume { try place.checkNothingIsLost() }
    let file = asked.resume ? try NetworkFile(path: place.state) : nil
    let whole = try asked.open(asked.data.data, for: network, observer)
    if let count, count > whole.count {
      throw StudyError(
        "\(Setting.count) is \(count), but \(asked.data.data) has \(whole.count) examples")
    }
    let examples = whole.subset(offset: 0, count: count)
    self.examples = examples
    try examples.requireClasses(for: "training, which minimises the cross-entropy,")
    try examples.check(fits: Subject(asked.architecture, network))
    if examples.boundsColumns || !examples.fixedColumns.isEmpty {
      recipe = try asked.makeRecipe(
        against: try asked.adversary(for: network, on: examples, telling: observer),
        telling: observer)
    }
    let measured = try asked.validation.map {
      try asked.open($0, as: .validation, for: network, observer)
    }
    try measured?.requireClasses(for: "validation")
    try measured?.check(fits: Subject(asked.architecture, network))
    if asked.from == nil {
      network = try recipe.network(of: Architecture.named(asked.architecture))
    }
    start =
      try file.map {
        try TrainingState(
          resuming: $0, named: place.state, architecture: asked.architecture, recipe: recipe,
          data: examples)
      } ?? TrainingState(network, recipe: recipe)
    var history = ["data": asked.data.data]
    if !command.isEmpty { history["command"] = ShellWords.line(command) }
    session = TrainingSession(
      recipe: recipe, place: place, history: history,
      trainer: Trainer(
        recipe, validation: measured.map { MeasurementPlan($0) },
        algorithms: try asked.engine.apply()),
      command: command)
    self.network = network
    self.source = source
  }

  /// Trains, and writes the network and the record.
  ///
  /// - Parameter observer: Told what happens.
  /// - Returns: The trained network with the course of its training.
  /// - Throws: `StudyInterrupted` where the task is cancelled, once the state is in the output file; what the training
  ///   throws.
  public func run(telling observer: Observer = .none) async throws -> TrainingState {
    let isFresh = specification.from == nil
    var findings: [Finding] = []
    if !isFresh { findings = try await examine(network, source, observer) }
    let result = try await session.run(start, on: examples, telling: observer)
    // Untrained networks know nothing yet, so plain training is looked at when it is over.
    if isFresh {
      let isFinished = "interrupted; \(specification.output) holds the trained network"
      observer.keep { [self] in
        do {
          try write(result, [])
          return isFinished
        } catch {
          return "\(isFinished); \(error)"
        }
      }
      defer { observer.keep(nil) }
      do {
        var source = source
        source.training = .onExamples
        findings = try await examine(result.network, source, observer)
      } catch is CancellationError {
        observer.tell(.ending)
        try write(result, [])
        throw StudyInterrupted(description: isFinished)
      }
    }
    try write(result, findings)
    return result
  }

  private func write(_ result: TrainingState, _ findings: [Finding]) throws {
    guard let record else { return }
    try session.record(of: result, findings, specification).write(to: record)
  }

  /// What seems to be wrong: with a network that was trained elsewhere, before it is trained further, or with the
  /// trained one.
  private func examine(
    _ network: Network, _ source: DescriptionSource, _ observer: Observer
  ) async throws -> [Finding] {
    let subject = Subject(network.architecture, network, source: source)
    let report = try await DiagnosisStep.perform(
      subject, try CompiledNetwork(network), on: examples,
      isAttacked: specification.threat != nil)
    DiagnosisStep.warn(report, telling: observer)
    return report?.findings ?? []
  }

  deinit { claim.release() }
}

extension TrainingSession.Place {
  /// Makes sure that the output file may be replaced: by far the most work is in an unfinished training.
  fileprivate func checkNothingIsLost() throws {
    for path in Set([state, output]) {
      let attributes = try? FileManager.default.attributesOfItem(atPath: path)
      guard attributes?[.type] as? FileAttributeType == .typeRegular else { continue }
      if path != state, (try? ModelFormat(ofFile: path)) == format { continue }
      guard let old = try? NetworkFile(path: path) else {
        throw StudyError("\(path): exists, and is not a network that training may replace")
      }
      if old.isUnfinishedTraining {
        throw StudyError(
          "\(path): holds an unfinished training; go on with \(Setting.resume), or remove the file")
      }
    }
  }
}
