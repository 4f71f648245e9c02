public import Datasets
public import Engine
import Models
import Networks
import Optimizers
import Robustness
import Tensors

/// Minimises the mean over the examples of the loss, or of the worst loss that an adversary finds nearby.
///
/// min over theta of mean of max over x' in P(x) of L(f(x'), y), by attacking and descending: by Danskin's
/// theorem the gradient at the worst x' is a gradient of the maximum (Madry et al. 2018,
/// https://arxiv.org/abs/1706.06083).
public struct Trainer: Sendable {
  /// What to follow.
  public let recipe: Recipe
  /// What to measure after each epoch.
  public let validation: Validation?
  /// How the algorithms of convolutions are chosen, where the state does not tell.
  public let algorithms: Algorithms.Policy

  /// Examples on which progress is measured.
  public struct Validation: Sendable {
    /// All of them are classified.
    public var data: Dataset
    /// How many of the first are attacked.
    public var attackedCount: Int
    /// The attack, or `nil` to classify only.
    public var adversary: Recipe.Adversary?

    /// Creates a validation.
    public init(_ data: Dataset, attackedCount: Int = 0, adversary: Recipe.Adversary? = nil) {
      self.data = data
      self.attackedCount = attackedCount
      self.adversary = adversary
    }
  }

  /// Tells an observer where training stands.
  public struct Progress: Sendable {
    /// Steps taken.
    public let step: Int
    /// Steps of the whole training.
    public let total: Int
    /// The present epoch, from 1.
    public let epoch: Int
    /// Mean loss so far in the epoch.
    public let loss: Double
  }

  /// Steps that take longer are slow: a copy of all parameters costs little beside them.
  private static let slowStep: Duration = .milliseconds(400)

  /// Creates a trainer.
  public init(
    _ recipe: Recipe, validation: Validation? = nil, algorithms: Algorithms.Policy = .fastest
  ) {
    self.recipe = recipe
    self.validation = validation
    self.algorithms = algorithms
  }

  /// Trains until the recipe is fulfilled, or until the task is cancelled.
  ///
  /// - Parameters:
  ///   - start: Where to begin.
  ///   - data: The examples.
  ///   - onStep: Told after each step.
  ///   - onSlowStep: Given the state after each step that took long, for those who cannot await the end of the next.
  ///   - onEpoch: Given the state after each epoch, to keep; an error it throws ends the training.
  /// - Returns: The last state, which is unfinished if the task was cancelled.
  /// - Throws: `TrainingError.diverged`, after which the state that `onEpoch` was last given is the last
  ///   good one; `TrainingError.attack`; `TrainingError.data`; errors of the engine.
  public func train(
    _ start: TrainingState, on data: Dataset,
    onStep: (Progress) -> Void = { _ in }, onSlowStep: ((TrainingState) -> Void)? = nil,
    onEpoch: (TrainingState) throws -> Void = { _ in }
  ) async throws -> TrainingState {
    guard data.exampleShape == start.network.input.shape else {
      throw TrainingError.data(
        "\(data.name): examples are \(data.exampleShape), the network takes "
          + "\(start.network.input.shape)")
    }
    guard data.count > 0 else { throw TrainingError.data("\(data.name): has no examples") }
    for data in [data, validation?.data].compactMap({ $0 }) where data.targetKind != .classes {
      throw TrainingError.data(
        "\(data.name): each example has \(data.targetKind.words); the cross-entropy needs a class")
    }
    if let label = data.labels.max(), label >= start.network.outputCount {
      throw TrainingError.data(
        "\(data.name): label \(label), but the network has \(start.network.outputCount) classes")
    }
    var state = start
    state.data = TrainingState.describe(data)
    do {
      state.examples = try data.checksum()
    } catch {
      throw TrainingError.data("\(error)")
    }
    let network = state.network
    let batch = recipe.batchSize
    let policy = state.algorithms.isEmpty ? algorithms : .continued(state.algorithms)
    let optimizer = state.optimizer
    let training = try await EngineThread.shared.run {
      try CompiledTraining(network, optimizer: optimizer, batch: batch, algorithms: policy)
    }
    let shell = Shell(model: training.evaluation, batch: batch)
    let perEpoch = recipe.stepsPerEpoch(examples: data.count)
    let total = perEpoch * recipe.epochs
    while !state.isFinished(recipe) {
      let epoch = state.epochs.count
      var generator = RandomKey(seed: recipe.seed).child("shuffle").child(epoch).generator
      let order = generator.permutation(of: data.count)
      do {
        while state.step < (epoch + 1) * perEpoch {
          let first = (state.step - epoch * perEpoch) * recipe.batchSize
          let positions = Array(order[first..<min(first + recipe.batchSize, order.count)])
          try Task.checkCancellation()
          let began = ContinuousClock.now
          try await step(&state, positions, data, training, shell, epoch: epoch, of: total)
          onStep(
            Progress(
              step: state.step, total: total, epoch: epoch + 1,
              loss: state.current.loss / Double(max(state.current.count, 1))))
          if let onSlowStep, ContinuousClock.now - began > Self.slowStep {
            try await collect(training, into: &state)
            onSlowStep(state)
          }
        }
        try await finishEpoch(&state, training)
      } catch is CancellationError {
        try await collect(training, into: &state)
        return state
      }
      try await collect(training, into: &state)
      try onEpoch(state)
    }
    return state
  }

  private func step(
    _ state: inout TrainingState, _ positions: [Int], _ data: Dataset,
    _ training: CompiledTraining, _ shell: Shell, epoch: Int, of total: Int
  ) async throws {
    let labels = data.labels(at: positions)
    let worst = try await worstInputs(state, positions, data, shell)
    let rate = recipe.schedule.rate(at: state.step, of: total)
    let taken = state.step
    let result: CompiledTraining.Step
    do {
      result = try await EngineThread.shared.run {
        try training.step(labels, rate: rate, taken: taken) { buffer in
          guard let worst else { return try data.copyInputs(at: positions, to: buffer) }
          let size = data.exampleShape.count
          for (row, worst) in worst.enumerated() {
            _ = UnsafeMutableBufferPointer(rebasing: buffer[row * size..<(row + 1) * size])
              .update(fromContentsOf: worst.input.scalars)
          }
        }
      }
    } catch let error as LossPlan.SmallBatch {
      throw TrainingError.data(error.description)
    }
    guard result.loss.isFinite, result.isFinite else {
      throw TrainingError.diverged(epoch: epoch + 1, step: state.step + 1, rate: rate)
    }
    // Where the attack fails the example itself would be trained on, which nobody asked for. A network
    // that has diverged makes attacks fail too, so that is looked at first.
    if let failed = worst?.first(where: { $0.failure != nil }), let failure = failed.failure {
      throw TrainingError.attack(step: state.step + 1, index: failed.index, "\(failure)")
    }
    state.step += 1
    state.current.loss += result.loss
    state.current.correct += result.correct
    state.current.count += labels.count
  }

  /// Brings a state up to the parameters and the memory that the steps have changed in place.
  private func collect(
    _ training: CompiledTraining, into state: inout TrainingState
  ) async throws {
    let steps = state.step
    let outcome = try await EngineThread.shared.run { training.outcome(after: steps) }
    try state.network.load(outcome.parameters)
    state.optimizer = outcome.optimizer
    state.algorithms = training.evaluation.algorithms.used
  }

  private func worstInputs(
    _ state: TrainingState, _ positions: [Int], _ data: Dataset, _ shell: Shell
  ) async throws -> [WorstInput]? {
    guard let adversary = recipe.adversary else { return nil }
    // Each step draws anew: the key of an example holds only its index.
    var generator = RandomKey(seed: recipe.seed).child("adversary").child(state.step).generator
    var shell = shell
    shell.seed = generator.next()
    let problems = try positions.map { position in
      try Problem(
        index: data.index(at: position), input: data.image(at: position),
        label: data.label(at: position), threat: adversary.threat)
    }
    return try await shell.worstInputs(adversary.attack, on: problems)
  }

  private func finishEpoch(
    _ state: inout TrainingState, _ training: CompiledTraining
  ) async throws {
    var natural: Double?
    var robust: Double?
    if let validation, validation.data.count > 0 {
      let outcome = try await validation.measure(training.evaluation, seed: recipe.seed)
      natural = outcome.natural
      robust = outcome.robust
    }
    let sum = state.current
    state.epochs.append(
      EpochRecord(
        loss: sum.loss / Double(max(sum.count, 1)),
        accuracy: Double(sum.correct) / Double(max(sum.count, 1)), validationAccuracy: natural,
        robustAccuracy: robust))
    state.current = TrainingState.RunningSum()
  }
}
