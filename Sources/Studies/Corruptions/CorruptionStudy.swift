package import Corruptions
import Datasets
import Engine
import Insight
import Models
import Networks
import Remote
import Robustness
import Settings
import Tensors

/// All that is asked where a model is measured under corruptions.
public struct CorruptionSpecification: Sendable, Hashable, Codable {
  /// A built-in network, a file, or a remote model.
  public var model: String
  /// What the models' files do not say of themselves.
  public var modelSettings = ModelSettings()
  /// The examples.
  public var data = DataSettings()
  /// The corruptions.
  public var corruptions = CorruptionSettings()
  /// The model by whose errors those of this one are measured, or the record of what it did on the same pictures.
  public var base: String?
  /// How many draws of each corruption to search for the one that misleads the model most.
  public var worstOf = 1
  /// Whether to tell the accuracy as classes and severities drift.
  public var drift = false
  /// Determines all random choices.
  public var seed: UInt64 = 0
  /// How many examples the network sees at once; results do not depend on it.
  public var batch = 128
  /// How networks are computed.
  public var engine = EngineSettings()
  /// How a remote model is asked.
  public var remote = RemoteSettings()

  /// All corruptions of the suite that fits, on the whole test set of MNIST, unless something else is said.
  public init(model: String) { self.model = model }

  /// Makes sure that the settings are right, each by itself.
  ///
  /// - Throws: `StudyError` that names the setting.
  package func check() throws {
    try checkSettings(mostRows: 4096)
    try corruptions.check()
    guard 1...1000 ~= worstOf else {
      throw StudyError("\(Setting.worstOf) is \(worstOf); expected 1 to 1000")
    }
  }
}

extension CorruptionSpecification: ModelSpecification {
  /// The same for others to read.
  public var withoutSecrets: CorruptionSpecification {
    var copy = hidingSecrets
    copy.base = base.map { Address.hidden(in: $0) }
    return copy
  }

  private enum CodingKeys: String, CodingKey, CaseIterable {
    case model, modelSettings, data, corruptions, base, worstOf, drift, seed, batch, engine, remote
  }

  /// Reads a specification; what is left out has its standard value, and null counts as left out.
  ///
  /// - Throws: What the decoder throws; `StudyError` that names a member that there is not, or the one that is missing.
  public init(from decoder: any Decoder) throws {
    let members = try Members(of: decoder, by: CodingKeys.self)
    self.init(model: try members.text(.model))
    try members.read(.modelSettings, into: &modelSettings)
    try members.read(.data, into: &data)
    try members.read(.corruptions, into: &corruptions)
    try members.read(.base, into: &base)
    try members.read(.worstOf, into: &worstOf)
    try members.read(.drift, into: &drift)
    try members.read(.seed, into: &seed)
    try members.read(.batch, into: &batch)
    try members.read(.engine, into: &engine)
    try members.read(.remote, into: &remote)
  }
}

/// A model about to be measured under corruptions.
public final class CorruptionStudy: Sendable {
  /// What was asked for.
  public let specification: CorruptionSpecification
  /// What is applied.
  package let grid: CorruptionGrid
  private let command: [String]
  private let subject: Subject
  private let model: any BatchedModel
  private let data: Dataset
  private let corruptor: Corruptor
  private let base: CorruptionBase?
  private let answers: KeptAnswers

  /// Reads models and data.
  ///
  /// - Parameters:
  ///   - specification: What is asked for.
  ///   - command: The words of the command that asks for it, for the record.
  ///   - result: A file beside which the answers of a remote model are kept until the end.
  ///   - observer: Told what is met.
  /// - Throws: An error that says in one line what does not fit, or what could not be read.
  public init(
    _ specification: CorruptionSpecification, command: [String] = [],
    keepingAnswersBeside result: String? = nil, telling observer: Observer = .none
  ) throws {
    self.specification = specification
    self.command = command
    let asked = specification
    try asked.check()
    let source = try ModelSource(asked.model, asked.modelSettings, telling: observer) {
      try asked.data.exampleShape()
    }
    try asked.engine.check(isUsed: !source.isRemote, by: asked.model)
    data = try asked.data.load(for: try source.form(asked.modelSettings), telling: observer)
    guard data.targetKind == .classes else {
      throw StudyError(
        "\(data.name): each example has \(data.targetKind.words); accuracies under corruptions need classes"
      )
    }
    do {
      // Only where examples are rows does it matter what they are in their file.
      let form = try PictureForm(
        data.exampleShape, bounds: data.bounds,
        picture: data.exampleShape.rank == 3 ? nil : try asked.data.exampleShape())
      corruptor = Corruptor(form, seed: asked.seed)
    } catch let error as CorruptionError {
      throw StudyError("\(data.name): \(error)")
    }
    grid = try asked.corruptions.grid(for: corruptor.form.shape)
    answers = try KeptAnswers(of: [source], asked.remote, beside: [result])
    subject = try source.subject(
      for: data, asked.modelSettings, answers.settings[0], batch: asked.batch, telling: observer)
    try data.check(fits: subject)
    try data.checkClasses(missedBy: subject, for: "gibbon evaluate")
    if let warning = data.labelWarning(for: subject) { observer.warn(warning) }
    let policy = try asked.engine.apply()
    model = try subject.model(policy)
    if let other = asked.base {
      base = try CorruptionBase(
        other, asked, grid: grid, data: data, algorithms: policy, telling: observer)
    } else {
      base = nil
    }
  }

  /// Measures the model, and the one by which it is measured.
  ///
  /// - Parameter observer: Told what happens.
  /// - Returns: What came of it.
  /// - Throws: What the models throw; `StudyInterrupted` where the task is cancelled.
  public func run(telling observer: Observer = .none) async throws -> CorruptionResult {
    observer.keep { [answers] in answers.keep().map { "interrupted; \($0)" } ?? "interrupted" }
    defer { observer.keep(nil) }
    let start = ContinuousClock.now
    let asked = specification
    let (subject, model, data, grid) = (subject, model, data, grid)
    let (corruptor, base) = (corruptor, base)
    let (accuracies, right, findings, known) = try await answers.during {
      try await subject.attended {
        let report = try await DiagnosisStep.perform(subject, model, on: data, isAttacked: false)
        DiagnosisStep.warn(report, telling: observer)
        let (accuracies, right) = try await corruptor.accuracies(
          of: model, named: subject.name, on: data, by: grid, draws: asked.worstOf,
          batch: asked.batch, telling: observer)
        let known = try await base?.accuracies(
          corruptor, on: data, by: grid, batch: asked.batch, telling: observer)
        return (accuracies, right, report?.findings, known)
      }
    }
    let drift =
      asked.drift
      ? Drift(accuracies, right: right, labels: data.labels(at: 0..<data.count), seed: asked.seed)
      : nil
    return CorruptionResult(
      specification: asked, command: command, accuracies: accuracies,
      base: base.flatMap { base in
        known.map { CorruptionResult.Base(name: base.name, accuracies: $0) }
      },
      drift: drift, subject: subject, samples: try samples(), data: data,
      dataDigest: try Digests.data(data),
      seconds: (ContinuousClock.now - start).seconds, findings: findings,
      computation: model.computation)
  }

  /// The first example, as it is and by each corruption at its largest severity, for pages.
  private func samples() throws -> [CorruptionResult.Sample] {
    let example = try data.example(at: 0)
    let largest = grid.cells.enumerated().filter { place, cell in
      place + 1 == grid.cells.count || grid.cells[place + 1].row.name != cell.row.name
    }.map(\.element)
    let corrupted = try largest.map { cell in
      CorruptionResult.Sample(
        name: "\(cell)",
        picture: corruptor.form.picture(of: try corruptor.corrupted(example, by: cell)))
    }
    return [
      CorruptionResult.Sample(name: "as it is", picture: corruptor.form.picture(of: example.input))
    ] + corrupted
  }
}

extension Corruptor {
  /// The accuracies of a model, and whether each example as it is was read rightly.
  func accuracies(
    of model: any BatchedModel, named name: String, on data: Dataset, by grid: CorruptionGrid,
    draws: Int, batch: Int, telling observer: Observer
  ) async throws -> (CorruptionAccuracies, right: [Bool]) {
    let total = data.count * (grid.cells.count + 1)
    let line = observer.begin("corruptions of \(name)", of: total, "examples")
    defer { line.finish() }
    var right: [Bool] = []
    for start in stride(from: 0, to: data.count, by: batch) {
      try Task.checkCancellation()
      let positions = start..<min(start + batch, data.count)
      right += try await Corruptor.margins(
        of: model, on: try data.inputs(at: positions), labels: data.labels(at: positions),
        batch: batch
      ).map { $0 > 0 }
      line.show(positions.upperBound)
    }
    var cells: [CorruptionAccuracies.Cell] = []
    for (place, cell) in grid.cells.enumerated() {
      let verdicts = try await verdicts(
        of: model, on: data, by: cell, draws: draws, batch: batch
      ) { line.show((place + 1) * data.count + $0, detail: "\(cell)") }
      cells.append(
        CorruptionAccuracies.Cell(
          name: cell.row.name, severity: cell.severity,
          right: Proportion(verdicts.right.count { $0 }, of: data.count),
          worst: draws > 1 ? Proportion(verdicts.always.count { $0 }, of: data.count) : nil))
    }
    let clean = Proportion(right.count { $0 }, of: data.count)
    return (CorruptionAccuracies(suite: grid.suite, clean: clean, cells: cells), right)
  }
}
