import Attacks
import Datasets
import Diagnosis
import Engine
import Files
import Foundation
import Metrics
import Networks
import Robustness
import Settings
public import Training

/// A training, ready to be run.
public final class TrainingStudy: Sendable {
  /// What was asked for.
  public let specification: TrainingSpecification
  private let session: TrainingSession
  private let start: TrainingState
  private let examples: Dataset
  private let source: DescriptionSource
  private let network: Network
  private let isFresh: Bool
  private let record: String?
  private let claim: FileClaim

  /// Reads what there is to begin with, and the data.
  ///
  /// - Parameters:
  ///   - specification: What is asked for.
  ///   - command: The words of the command that asks for it, for the record and the network's history.
  ///   - record: A file to which the course of the training is written as JSON.
  ///   - observer: Told what is met.
  ///   - check: Given the files that will be written, before any is read.
  /// - Throws: An error that says in one line what does not fit, or what could not be read; `StudyError` where the output
  ///   file holds work that would be lost.
  public init(
    _ specification: TrainingSpecification, command: [String] = [], recordIn record: String? = nil,
    telling observer: Observer = .none, checking check: ([String]) throws -> Void = { _ in }
  ) throws {
    self.specification = specification
    self.record = record
    let asked = specification
    try asked.check()
    let place = try TrainingSession.Place(asked.output)
    try check(place.isApart ? [place.output, place.state] : [place.output])
    let beginning = try TrainingBeginning(asked, telling: observer)
    let network = beginning.network
    let subject = Subject(beginning.name, network)
    try asked.recipe.checkInput(of: subject)
    _ = try asked.makeRecipe(
      against: try asked.adversary(for: network, telling: observer),
      classCount: max(2, network.outputCount))
    try place.check(holds: network, called: beginning.name)
    claim = try FileClaim(asked.output)
    if asked.resume, !WholeFile.exists(place.state) {
      throw StudyError(
        "\(place.state): there is nothing to resume; expected the file of an unfinished training")
    }
    if !asked.resume { try place.checkNothingIsLost(of: network) }
    let file = asked.resume ? try NetworkFile(path: place.state, form: network) : nil
    let whole = try asked.open(asked.data.data, for: network, observer)
    if let count = asked.data.count, count > whole.count {
      throw StudyError(
        "\(Setting.count) is \(count), but \(asked.data.data) has \(whole.count) examples")
    }
    let given = whole.subset(offset: 0, count: asked.data.count)
    try given.requireClasses(for: "training, which minimises the cross-entropy,")
    try given.check(fits: subject)
    let heldOutCount = try asked.recipe.heldOutCount(
      of: given.count, isAttacked: asked.threat != nil)
    let (examples, heldOut) =
      heldOutCount > 0 ? given.holdingOut(heldOutCount) : (given, given.subset(0..<0))
    self.examples = examples
    if let patience = asked.recipe.patience, heldOutCount == 0 {
      throw StudyError(
        "\(Setting.patience) is \(patience), but no examples are held out to tell a better epoch; add"
          + " \(Setting.heldOut) 0.1")
    }
    let adversary = try asked.adversary(
      for: network, on: examples.boundsColumns || !examples.fixedColumns.isEmpty ? examples : nil,
      telling: .none)
    let recipe = try asked.makeRecipe(
      against: adversary, labels: examples.labels, classCount: max(2, network.outputCount))
    try recipe.checkAugmentations(of: examples)
    beginning.statisticsWarning(recipe, examples: examples.count).map(observer.warn)
    let measured = try asked.validation.map {
      try asked.open($0, as: .validation, for: network, observer)
    }
    try measured?.requireClasses(for: "validation")
    try measured?.check(fits: subject)
    let begun =
      try file.map {
        try TrainingState(
          resuming: $0, named: place.state, architecture: network.architecture, recipe: recipe,
          data: examples)
      } ?? TrainingState(try beginning.network(under: recipe), recipe: recipe)
    start = begun
    let plans = MeasuringPlans(asked, adversary: adversary, heldOut: heldOut, validation: measured)
    var trainer = Trainer(
      recipe, validation: plans.validation, selection: plans.selection,
      algorithms: try asked.engine.apply())
    trainer.timeLimit = try asked.recipe.duration
    session = TrainingSession(
      recipe: recipe, place: place, history: asked.history(command: command), trainer: trainer,
      command: command, keptEpochs: asked.recipe.keep,
      metrics: try TrainingMetrics(asked, from: asked.resume ? begun.step : nil))
    self.network = network
    source = beginning.source
    isFresh = beginning.isFresh
  }

  /// Trains, and writes the network and the record.
  ///
  /// - Parameter observer: Told what happens.
  /// - Returns: The trained network with the course of its training.
  /// - Throws: `StudyInterrupted` where the task is cancelled, once the state is in the output file; what the training
  ///   throws.
  public func run(telling observer: Observer = .none) async throws -> TrainingState {
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
        findings = try await examine(result.trainedNetwork, source, observer)
      } catch is CancellationError {
        observer.tell(.ending)
        try write(result, [])
        throw StudyInterrupted(description: isFinished)
      }
    }
    try write(result, findings)
    return result
  }

  /// Tries rising learning rates on a copy of the network; writes nothing.
  ///
  /// - Parameter observer: Told what happens.
  /// - Returns: The rates, their losses, and where the loss began to climb.
  /// - Throws: `CancellationError`; what the training throws.
  public func findRate(telling observer: Observer = .none) async throws -> RateRange {
    let stage = observer.begin("try rates", of: Self.triedRates, "steps")
    defer { stage.finish() }
    return try await RateRange.test(
      session.recipe, from: start, on: examples, count: Self.triedRates,
      algorithms: session.trainer.algorithms
    ) { stage.show($0) }
  }

  /// How many rates are tried.
  private static let triedRates = 100

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
  fileprivate func checkNothingIsLost(of network: Network) throws {
    for path in Set([state, output]) {
      let attributes = try? FileManager.default.attributesOfItem(atPath: path)
      guard attributes?[.type] as? FileAttributeType == .typeRegular else { continue }
      if path != state, (try? ModelFormat(ofFile: path)) == format { continue }
      guard let old = try? NetworkFile(path: path, form: network) else {
        throw StudyError(
          "\(path): exists and is not a network; expected another \(Setting.output), or remove the file"
        )
      }
      if old.isUnfinishedTraining {
        throw StudyError(
          "\(path): holds an unfinished training; go on with \(Setting.resume), or remove the file")
      }
    }
  }
}
