import Datasets
import Engine
import Insight
import Networks
import Robustness
import Settings
import Tensors

/// A comparison of adversarial changes with random noise and patches of the same length, ready to be made.
public final class ImperceptibleStudy: Sendable {
  /// What was asked for.
  public let specification: ImperceptibleSpecification
  private let attack: AttackStudy

  /// Reads model and data.
  ///
  /// - Parameters:
  ///   - specification: What is asked for.
  ///   - command: The words of the command that asks for it, for the record.
  ///   - observer: Told what is met.
  /// - Throws: An error that says in one line what does not fit, or what could not be read.
  public init(
    _ specification: ImperceptibleSpecification, command: [String] = [],
    telling observer: Observer = .none
  ) throws {
    self.specification = specification
    let request = try specification.request()
    _ = try request.check()
    let goal = try request.goalRule
    guard !goal.ignoresLabels, goal.isAboutClasses(.classes), request.radii == nil else {
      throw StudyError(
        "\(Setting.goal) and \(Setting.radii) do not apply; expected an attack that makes a model miss a class"
      )
    }
    do {
      attack = try AttackStudy(request, command: command, telling: observer)
    } catch let error as StudyError where specification.index != nil {
      // The data speak of the offset that the index has become.
      throw StudyError(
        error.description.replacing("\(Setting.offset) is", with: "\(Setting.index) is"))
    }
    let shape = attack.request.subject.input.shape
    guard attack.photograph != nil || shape.rank == 3, [1, 3].contains(shape[0]) else {
      throw StudyError(
        "\(request.model) takes \(shape); expected pictures of 1 or 3 channels, rows and columns")
    }
    guard attack.request.data.targetKind == .classes else {
      throw StudyError("\(attack.request.data.name): expected examples with one class each")
    }
  }

  /// Attacks, and compares what came of it.
  ///
  /// - Parameter observer: Told what happens.
  /// - Returns: The comparison; empty where the attack broke nothing.
  /// - Throws: What the model and the attack throw; `CancellationError` where the task is cancelled.
  public func run(telling observer: Observer = .none) async throws -> ImperceptibleResult {
    let request = attack.request
    let run: AttackRun
    let changes: [(example: Example, changed: Tensor<Float>)]
    if attack.photograph != nil {
      let found = try await attack.runOnPhotograph(telling: observer)
      run = found.run
      let example = Example(index: 0, input: found.input, label: found.label)
      changes = found.adversarialExample.map { [(example, $0.input)] } ?? []
    } else {
      run = try await attack.run(telling: observer)
      if let unfinished = run.unfinished { throw unfinished.reason }
      changes = try run.broken().map { ($0.example, $0.adversarialExample.input) }
    }
    try run.checkEnd(keptIn: [], nil)
    let model = try request.subject.model(request.algorithms)
    let stage = observer.begin("compare", of: changes.count, "pictures")
    defer { stage.finish() }
    let comparison = try await Imperceptibility.measure(
      changes, by: model, bounds: run.request.bounds, seed: request.seed
    ) { stage.show($0) }
    return ImperceptibleResult(specification: specification, run: run, comparison: comparison)
  }
}
