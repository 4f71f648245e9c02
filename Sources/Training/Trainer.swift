public import Datasets
public import Engine
public import Models
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
    let policy = state.algorithms.isEmpty ? algorithms : .continued(state.algorithms)
    let optimizer = state.optimizer
    let training = try await EngineThread.shared.run {
      try CompiledTraining(network, recipe: recipe, optimizer: optimizer, algorithms: policy)
    }
    let runner = AttackRunner(model: training.evaluation, batch: recipe.batchSize)
    let perEpoch = recipe.stepsPerEpoch(examples: data.count)
    let total = perEpoch * recipe.epochs
    while !state.isFinished(recipe) {
      let epoch = state.epochs.count
      var generator = RandomKey(seed: recipe.seed).child("shuffle").child(epoch).generator
      let order = generator.permutation(of: data.count)
      do {
        while state.step < (epoch + 1) * perEpoch {
          let first = (state.step - epoch * perEpoch) / recipe.method.replays * recipe.batchSize
          let positions = Array(order[first..<min(first + recipe.batchSize, order.count)])
          try Task.checkCancellation()
          let began = ContinuousClock.now
          let batch = try data.batch(at: positions)
          try await step(&state, batch, training, runner, epoch: epoch, of: total)
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
    _ state: inout TrainingState, _ batch: TrainingBatch, _ training: CompiledTraining,
    _ runner: AttackRunner, epoch: Int, of total: Int
  ) async throws {
    let surroundings = surroundings(state, runner, of: total)
    let rate = recipe.schedule.rate(at: state.step, of: total)
    let taken = state.step
    let diverged = TrainingError.diverged(epoch: epoch + 1, step: state.step + 1, rate: rate)
    let inputs: [String: [Float]]
    do {
      inputs = try await recipe.method.prepare(batch, by: surroundings)
    } catch let error as TrainingError {
      // A network that has diverged makes attacks fail too, so that is looked at.
      let scores = try await training.evaluation.outputs(of: batch.tensor)
      throw scores.scalars.allSatisfy(\.isFinite) ? error : diverged
    }
    let result: CompiledTraining.Step
    do {
      result = try await EngineThread.shared.run {
        try training.step(batch, inputs, rate: rate, taken: taken)
      }
    } catch let error as LossPlan.SmallBatch {
      throw TrainingError.data(error.description)
    }
    guard result.loss.isFinite, result.isFinite else {
      throw diverged
    }
    if recipe.method.differentiatedInput != nil {
      recipe.method.learn(
        Tensor(result.observed, shape: batch.exampleShape.prepending(batch.count)), of: batch,
        within: state.network.input.bounds, remembering: &state.memory)
    }
    state.step += 1
    state.current.loss += result.loss
    state.current.correct += result.correct
    state.current.count += batch.count
  }

  /// What surrounds the next step; each draws anew, for the key of an example holds only its index.
  private func surroundings(
    _ state: TrainingState, _ runner: AttackRunner, of total: Int
  ) -> TrainingSurroundings {
    let key = RandomKey(seed: recipe.seed).child("adversary").child(state.step)
    var generator = key.generator
    var runner = runner
    runner.seed = generator.next()
    return TrainingSurroundings(
      runner: runner, bounds: state.network.input.bounds, key: key, step: state.step, total: total,
      memory: state.memory)
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

extension Trainer.Validation {
  /// The share of examples classified correctly, and of those attacked the share that holds.
  func measure(
    _ model: any BatchedModel, seed: UInt64
  ) async throws -> (natural: Double, robust: Double?) {
    let predictions = try await model.predictions(on: data)
    let correct = zip(predictions, data.labels).count { $0 == $1 }
    let natural = Double(correct) / Double(data.count)
    let attacked = data.subset(offset: 0, count: attackedCount)
    guard let adversary, attacked.count > 0 else { return (natural, nil) }
    let runner = AttackRunner(model: model, seed: seed)
    let problems = try attacked.examples.map {
      try Problem(index: $0.index, input: $0.input, label: $0.label, threat: adversary.threat)
    }
    let outcomes = try await runner.run(adversary.attack, on: problems)
    let robust = outcomes.count { $0.robust }
    return (natural, Double(robust) / Double(attacked.count))
  }
}

extension BatchedModel {
  /// The class with the largest output for each example of a data set.
  ///
  /// - Parameters:
  ///   - data: The examples, in the model's input shape; their targets do not matter.
  ///   - batch: The most examples in one call of the model.
  /// - Returns: A class for each example; `nil` where an output is NaN.
  /// - Throws: What reading the data and the model throw; `CancellationError` between batches.
  public func predictions(on data: Dataset, batch: Int = 128) async throws -> [Int?] {
    let outputs = try await outputs(count: data.count, batch: batch) { try data.inputs(at: $0) }
    return (0..<data.count).map { outputs.row($0).indexOfMaximum }
  }
}

/// Why training cannot begin or go on.
public enum TrainingError: Error, Equatable, CustomStringConvertible {
  /// The loss or a gradient is not finite; the last good state is kept.
  case diverged(epoch: Int, step: Int, rate: Double)
  /// The adversary's attack did not do its work on an example.
  case attack(step: Int, index: Int, String)
  /// A checkpoint was made by another recipe.
  case recipe(file: String, expected: String, found: String)
  /// A checkpoint lacks what is needed to go on, or holds nonsense.
  case checkpoint(file: String, problem: String)
  /// The data do not fit the network.
  case data(String)

  /// One line that says what to do about it.
  public var description: String {
    switch self {
    case .diverged(let epoch, let step, let rate):
      "training diverged in epoch \(epoch) at step \(step) (learning rate \(rate)): the loss is not finite; try a"
        + " smaller rate"
    case .attack(let step, let index, let problem):
      "the adversary failed at step \(step) on example \(index): \(problem)"
    case .recipe(let file, let expected, let found):
      "\(file): cannot be resumed: made by another recipe; expected \"\(expected)\", "
        + "found \"\(found)\""
    case .checkpoint(let file, let problem):
      "\(file): cannot be resumed: \(problem)"
    case .data(let problem):
      problem
    }
  }
}

extension Dataset {
  /// The examples at some positions.
  fileprivate func batch(at positions: [Int]) throws -> TrainingBatch {
    let count = positions.count * exampleShape.count
    let values = try [Float](unsafeUninitializedCapacity: count) { buffer, used in
      buffer.initialize(repeating: 0)
      try copyInputs(at: positions, to: buffer)
      used = count
    }
    return TrainingBatch(
      indices: positions.map { index(at: $0) }, labels: labels(at: positions),
      exampleShape: exampleShape, values: values)
  }
}
