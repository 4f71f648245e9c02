public import Models
public import Tensors

/// Runs attacks, which are not trusted, on many problems at once, and answers for what it reports.
///
/// Every row runs as a task of its own; what rows ask is packed into full batches. Results depend
/// neither on the size of the batch, nor on the order of the problems, nor on threads. A runner keeps its threads and
/// buffers for its next run, so one that runs often is made once; its copies share them.
public struct AttackRunner: Sendable {
  /// The model under attack.
  public let model: any BatchedModel

  /// The most rows in one call of the model.
  public let batch: Int

  /// The seed of all randomness.
  public var seed: UInt64

  /// The number of threads for the arithmetic of attacks.
  public let workers: Int

  /// How long an attack may neither ask nor return before its row is taken from it.
  public let stallLimit: Duration

  /// What a run may allocate for its rows.
  public let memory: MemoryLimit

  /// Told, once in a run, that a batch does not fit in memory and is split.
  public let onSplit: @Sendable (BatchSplit) -> Void

  /// The thread that calls the model.
  let engine: EngineThread

  /// The threads and buffers that all runs of this runner and its copies share.
  let pool = WorkerPool()

  /// Creates a runner.
  ///
  /// - Parameters:
  ///   - model: The model under attack.
  ///   - batch: The most rows in one call of the model, at least 1.
  ///   - seed: The seed of all randomness.
  ///   - workers: The number of threads for the arithmetic of attacks; by default as many as
  ///     the engine has, at most 4.
  ///   - stallLimit: How long an attack may neither ask nor return before its row is taken from it.
  ///     A thread that never comes back is lost; another takes its place.
  ///   - memory: What a run may allocate for its rows; the model has a limit of its own.
  ///   - onSplit: Told, once in a run and from any thread, that a batch does not fit in memory and is split.
  public init(
    model: any BatchedModel, batch: Int = 128, seed: UInt64 = 0, workers: Int? = nil,
    stallLimit: Duration = .seconds(60), memory: MemoryLimit = .system,
    onSplit: @escaping @Sendable (BatchSplit) -> Void = { _ in }
  ) {
    precondition(batch > 0, "a batch holds at least one row")
    self.model = model
    self.batch = batch
    self.seed = seed
    self.workers = max(1, workers ?? min(4, EngineThread.shared.threadCount))
    self.stallLimit = stallLimit
    self.memory = memory
    self.onSplit = onSplit
    engine = .shared
  }

  /// Runs an attack on every problem and verifies what it finds.
  ///
  /// Per row: one forward pass of the example as it is; then, unless that reaches the goal, the
  /// attempts of the attack, each followed by one forward pass of its candidate, until one
  /// succeeds; and one more where the best point is another one. Success is a point inside the
  /// threat, in double precision and without tolerance, at which the forward pass reaches the goal; near the boundary
  /// the model's definition must confirm it (`Rounding`), and of searches the nearest point beyond rounding counts.
  ///
  /// - Parameters:
  ///   - attack: The attack; what it does wrong is reported with the row and harms no other.
  ///   - problems: The problems, each with an example of the model's input shape.
  ///   - progress: Called after each row with the number of rows finished and its outcome, in the
  ///     order they finish and from any thread; it must be quick.
  /// - Returns: The outcomes in the order of the problems.
  /// - Throws: `AttackRunnerError` if a problem does not fit the model; what the model throws;
  ///   `CancellationError` if the task is cancelled.
  public func run(
    _ attack: any Attack, on problems: [Problem],
    progress: (@Sendable (_ finished: Int, _ outcome: Outcome) -> Void)? = nil
  ) async throws -> [Outcome] {
    try await run([Stage(attack)], on: problems, progress: progress)
  }

  /// Runs a cascade of attacks on every problem: each attack on what those before it did not break.
  ///
  /// An example is one row from its first attack to its last, so that batches stay full whatever attack the rows
  /// are at. What an attack does wrong leaves the example to the next one.
  ///
  /// - Parameters:
  ///   - stages: The attacks, cheap ones first; at least one.
  ///   - problems: The problems, each with an example of the model's input shape.
  ///   - progress: As in `run(_:on:progress:)` for one attack.
  /// - Returns: The outcomes in the order of the problems.
  /// - Throws: As `run(_:on:progress:)` for one attack.
  public func run(
    _ stages: [Stage], on problems: [Problem],
    progress: (@Sendable (_ finished: Int, _ outcome: Outcome) -> Void)? = nil
  ) async throws -> [Outcome] {
    if problems.contains(where: { $0.threat.alternatives.count > 1 }) {
      return try await runAlternatives(stages, on: problems, progress: progress)
    }
    let settings = try settings(stages, problems, .evaluation)
    let work = ActiveRun<Outcome>.Work(
      live: { try await $0.pursue() }, skip: { try await $0.skip() },
      rescue: { try await $0.resume(after: $1) }, progress: progress)
    return try await ActiveRun(problems, settings: settings, runner: self, work: work).run()
  }

  /// Runs an attack on every problem for training: no early exit, no verification.
  ///
  /// The cost of an attack with one restart is exactly what it asks for; further restarts add one
  /// forward pass each, and the one with the largest cross-entropy counts (margin, where the goal
  /// has none).
  ///
  /// - Parameters:
  ///   - attack: The attack.
  ///   - problems: The problems, each with an example of the model's input shape.
  /// - Returns: The last candidates in the order of the problems, moved inside the threat where
  ///   they are not; the example itself where the attack failed.
  /// - Throws: `AttackRunnerError` if a problem does not fit the model; what the model throws;
  ///   `CancellationError` if the task is cancelled.
  public func trainingInputs(
    _ attack: any Attack, on problems: [Problem]
  ) async throws -> [TrainingInput] {
    guard type(of: attack).search == .maximumLoss else {
      throw AttackRunnerError.search(attack: type(of: attack).name)
    }
    if problems.contains(where: { $0.threat.alternatives.count > 1 }) {
      return try await worstAlternatives(attack, on: problems)
    }
    let settings = try settings([Stage(attack)], problems, .training)
    let work = ActiveRun<TrainingInput>.Work(
      live: { try await $0.perturb() },
      skip: { $0.trainingInput(nil, failure: .notAttempted) },
      rescue: { $0.trainingInput(nil, failure: $1) })
    return try await ActiveRun(problems, settings: settings, runner: self, work: work).run()
  }

  /// What all rows of a run have in common, once the problems are known to fit the model.
  func settings(
    _ stages: [Stage], _ problems: [Problem], _ mode: RunSettings.Mode
  ) throws -> RunSettings {
    precondition(!stages.isEmpty, "a cascade has a stage")
    for stage in stages where stage.knowledge > model.knowledge {
      throw AttackRunnerError.knowledge(
        attack: stage.name, needs: stage.knowledge, reveals: model.knowledge)
    }
    let shape = model.inputShape
    let outputCount = model.outputCount
    for problem in problems {
      guard problem.input.shape == shape else {
        throw AttackRunnerError.shape(
          index: problem.index, given: problem.input.shape, expected: shape)
      }
      do {
        try problem.goal.validate(outputCount: outputCount)
      } catch {
        throw AttackRunnerError.goal(index: problem.index, error)
      }
    }
    if problems.contains(where: { $0.goal.confidence != nil }),
      let blind = stages.first(where: { $0.knowledge == .labels })
    {
      throw AttackRunnerError.confidence(attack: blind.name)
    }
    return RunSettings(stages, mode, model: model, seed: seed)
  }
}

/// Why a run cannot begin.
public enum AttackRunnerError: Error, Hashable, CustomStringConvertible {
  /// The attack needs to know more than the model reveals.
  case knowledge(attack: String, needs: Knowledge, reveals: Knowledge)
  /// An example of another shape than the model's input.
  case shape(index: Int, given: Shape, expected: Shape)
  /// A goal that does not fit the model.
  case goal(index: Int, GoalError)
  /// An attack that sees labels alone, for a goal about how sure the model is.
  case confidence(attack: String)
  /// An attack that looks for the nearest point, where training needs the largest loss.
  case search(attack: String)
  /// A change for many examples that is none for one of them.
  case shared(index: Int, given: Shape, expected: Shape)
  /// The system has no thread to give.
  case noThread

  /// One line that says what does not fit.
  public var description: String {
    switch self {
    case .knowledge(let attack, let needs, let reveals):
      "the attack '\(attack)' needs \(needs), but the model reveals only \(reveals)"
    case .shape(let index, let given, let expected):
      "example \(index) has the shape \(given), but the model takes \(expected)"
    case .goal(let index, let error): "example \(index): \(error)"
    case .confidence(let attack):
      "the attack '\(attack)' sees labels alone, which do not tell how sure the model is"
    case .search(let attack):
      "the attack '\(attack)' minimises the perturbation; training needs one that maximises the loss"
    case .shared(let index, let given, let expected):
      "a perturbation of shape \(given) does not fit example \(index); expected the shape \(expected)"
    case .noThread: "the system has no thread to give"
    }
  }
}
