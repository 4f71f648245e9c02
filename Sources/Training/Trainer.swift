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
  /// What to measure after each epoch, for people to see.
  public let validation: MeasurementPlan?
  /// What to measure after each epoch on a part held out of the training set, by which the best epoch is selected and
  /// collapses are seen; `nil` to keep the last epoch.
  public let selection: MeasurementPlan?
  /// The time after which training ends with what it has, resumed parts added up; `nil` for no limit.
  public var timeLimit: Duration?
  /// How the algorithms of convolutions are chosen, where the state does not tell.
  public let algorithms: Algorithms.Policy

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
    /// Share of the epoch's examples so far classified right, as they were trained on.
    public let accuracy: Double
    /// The learning rate of the step.
    public let rate: Double
    /// Number of examples of the step.
    public let count: Int
  }

  /// Steps that take longer are slow: a copy of all parameters costs little beside them.
  private static let slowStep: Duration = .milliseconds(400)

  /// Creates a trainer.
  public init(
    _ recipe: Recipe, validation: MeasurementPlan? = nil, selection: MeasurementPlan? = nil,
    algorithms: Algorithms.Policy = .fastest
  ) {
    self.recipe = recipe
    self.validation = validation
    self.selection = selection
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
  /// - Returns: The last state, which is unfinished if the task was cancelled; `trainedNetwork` is what it came to.
  /// - Throws: `TrainingError.diverged`, after which the state that `onEpoch` was last given is the last
  ///   good one; `TrainingError.attack`; `TrainingError.data`; errors of the engine.
  public func train(
    _ start: TrainingState, on data: Dataset,
    onStep: (Progress) -> Void = { _ in }, onSlowStep: ((TrainingState) -> Void)? = nil,
    onEpoch: (TrainingState) throws -> Void = { _ in }
  ) async throws -> TrainingState {
    var state = start
    try check(data, for: state.network)
    state.data = TrainingState.describe(data)
    do {
      state.examples = try data.checksum()
    } catch {
      throw TrainingError.data("\(error)")
    }
    var training = try await compile(state)
    let perEpoch = recipe.stepsPerEpoch(examples: data.count)
    let total = perEpoch * recipe.epochs
    let began = ContinuousClock.now
    let secondsBefore = state.seconds
    func isTimeOver() -> Bool {
      state.seconds = secondsBefore + (ContinuousClock.now - began) / .seconds(1)
      return timeLimit.map { state.seconds >= $0 / .seconds(1) } ?? false
    }
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
          let batch = try data.batch(
            at: positions, recipe, epoch: epoch, bounds: state.network.input.bounds)
          let rate = recipe.schedule.rate(at: state.step, of: total)
          try await step(&state, batch, training, epoch: epoch, of: total, rate: rate)
          let seen = Double(max(state.current.count, 1))
          onStep(
            Progress(
              step: state.step, total: total, epoch: epoch + 1, loss: state.current.loss / seen,
              accuracy: Double(state.current.correct) / seen, rate: rate, count: batch.count))
          if isTimeOver() {
            state.ending = .time
            break
          }
          if let onSlowStep, ContinuousClock.now - began > Self.slowStep {
            try await collect(training, into: &state)
            onSlowStep(state)
          }
        }
        try await finishEpoch(&state, training, on: data)
      } catch is CancellationError {
        state.ending = nil
        _ = isTimeOver()
        try await collect(training, into: &state)
        return state
      }
      if try select(&state) { training = try await compile(state) }
      if isTimeOver() { state.ending = state.ending ?? .time }
      try onEpoch(state)
    }
    return state
  }

  /// Makes sure that the examples go with the network and the recipe.
  private func check(_ data: Dataset, for network: Network) throws {
    guard data.exampleShape == network.input.shape else {
      throw TrainingError.data(
        "\(data.name): examples are \(data.exampleShape), the network takes "
          + "\(network.input.shape)")
    }
    guard data.count > 0 else { throw TrainingError.data("\(data.name): has no examples") }
    for data in [data, validation?.data, selection?.data].compactMap({ $0 })
    where data.targetKind != .classes {
      throw TrainingError.data(
        "\(data.name): each example has \(data.targetKind.words); the cross-entropy needs a class")
    }
    if let label = data.labels.max(), label >= network.outputCount {
      throw TrainingError.data(
        "\(data.name): label \(label), but the network has \(network.outputCount) classes")
    }
    if let selection, selection.data.count == 0 {
      throw TrainingError.data("\(selection.data.name): the part held out has no examples")
    }
    do {
      try recipe.augmentations.check(data.exampleShape)
    } catch {
      throw TrainingError.data("\(data.name): \(error)")
    }
  }

  private func compile(_ state: TrainingState) async throws -> CompiledTraining {
    let policy = state.algorithms.isEmpty ? algorithms : .continued(state.algorithms)
    let recipe = recipe
    return try await EngineThread.shared.run {
      try CompiledTraining(state, recipe: recipe, algorithms: policy)
    }
  }

  private func step(
    _ state: inout TrainingState, _ batch: TrainingBatch, _ training: CompiledTraining,
    epoch: Int, of total: Int, rate: Double
  ) async throws {
    let surroundings = surroundings(state, training, of: total)
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
    _ state: TrainingState, _ training: CompiledTraining, of total: Int
  ) -> TrainingSurroundings {
    let key = RandomKey(seed: recipe.seed).child("adversary").child(state.step)
    var generator = key.generator
    var runner = AttackRunner(model: training.evaluation, batch: recipe.batchSize)
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
    state.average = outcome.average
    state.algorithms = training.evaluation.algorithms.used
  }

  /// Measures what an epoch came to, and collects it.
  private func finishEpoch(
    _ state: inout TrainingState, _ training: CompiledTraining, on data: Dataset
  ) async throws {
    let epoch = state.epochs.count
    let averaging = training.averaging
    if let averaging { try await EngineThread.shared.run { averaging.endEpoch(epoch) } }
    try await collect(training, into: &state)
    var own: [String: Tensor<Float>]?
    var averaged: [String: Tensor<Float>]?
    if let averaging {
      let batches = statisticsBatches(of: data)
      (own, averaged) = try await EngineThread.shared.run {
        let own = try averaging.exchange(batches: batches.map(\.count)) { batch, target in
          try data.copyInputs(at: batches[batch], to: target)
        }
        return (own, training.parameters)
      }
    }
    func bringBack() async throws {
      guard let averaging, let own else { return }
      try await EngineThread.shared.run { try averaging.bringBack(own) }
    }
    let measured: (validation: Measurement?, selection: Measurement?)
    do {
      var network = state.network
      if let averaged { try network.load(averaged) }
      measured.validation = try await validation?.measure(
        training.evaluation, of: network, seed: recipe.seed)
      measured.selection = try await selection?.measure(
        training.evaluation, of: network, seed: recipe.seed)
    } catch {
      try await bringBack()
      throw error
    }
    try await bringBack()
    state.averaged = averaged
    let sum = state.current
    state.epochs.append(
      EpochRecord(
        loss: sum.loss / Double(max(sum.count, 1)),
        accuracy: Double(sum.correct) / Double(max(sum.count, 1)),
        validationAccuracy: measured.validation?.natural,
        robustAccuracy: measured.validation?.robust,
        heldOut: measured.selection))
    state.current = TrainingState.RunningSum()
  }

  /// The positions of examples on which an average's statistics are measured: up to a hundred batches, in order.
  private func statisticsBatches(of data: Dataset) -> [Range<Int>] {
    Array((0..<data.count).batches(of: recipe.batchSize).prefix(100))
  }

  /// Keeps the best epoch, and reacts to a collapse or to a lack of progress.
  ///
  /// - Returns: Whether the parameters were replaced.
  private func select(_ state: inout TrainingState) throws -> Bool {
    guard let selection, let latest = state.epochs.last?.heldOut else { return false }
    let epoch = state.epochs.count
    let previous = state.epochs.dropLast().map(\.heldOut)
    var detector = CollapseDetector(previous, attacked: selection.attackedExamples)
    let collapse = detector.look(at: latest, attacked: selection.attackedExamples, epoch: epoch)
    let best = state.bestEpoch.flatMap { state.epochs[$0 - 1].heldOut }
    if best.map({ latest.isBetter(than: $0) }) ?? true {
      state.bestEpoch = epoch
      state.best = state.averaged ?? state.network.parameters
    }
    guard let collapse else {
      if let patience = recipe.patience, let bestEpoch = state.bestEpoch,
        epoch - bestEpoch >= patience
      {
        state.ending = .patience
      }
      return false
    }
    state.collapses.append(collapse)
    switch recipe.reaction {
    case .continue: return false
    case .rewind where state.collapses.count <= CollapseReaction.largestCount:
      guard let best = state.best, epoch < recipe.epochs else { break }
      try state.network.load(best)
      state.optimizer = recipe.optimizer
      for name in try recipe.trainedNames(of: state.network) {
        guard let shape = state.network.parameters[name]?.shape else { continue }
        for key in state.optimizer.stateNames(for: name) {
          state.optimizer.state[key] = Tensor(repeating: 0, shape: shape)
        }
      }
      state.average = [:]
      state.averaged = nil
      state.memory = MethodMemory()
      return true
    case .rewind, .stop: break
    }
    state.ending = .collapse(collapse)
    return false
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

extension Dataset {
  /// The examples at some positions, changed and mixed as a recipe has it.
  fileprivate func batch(
    at positions: [Int], _ recipe: Recipe, epoch: Int, bounds: ClosedRange<Float>
  ) throws -> TrainingBatch {
    let count = positions.count * exampleShape.count
    let indices = positions.map { index(at: $0) }
    let augmentations = recipe.augmentations
    let mixing = augmentations.mixing(of: indices, seed: recipe.seed, epoch: epoch)
    let values = try [Float](unsafeUninitializedCapacity: count) { buffer, used in
      buffer.initialize(repeating: 0)
      let batch = UnsafeMutableBufferPointer(rebasing: buffer[..<count])
      try copyInputs(at: positions, to: batch)
      if !augmentations.each.isEmpty {
        augmentations.apply(
          to: batch, indices: indices, of: ExampleForm(exampleShape, bounds: bounds),
          seed: recipe.seed, epoch: epoch)
      }
      mixing?.apply(to: batch, size: exampleShape.count)
      used = count
    }
    var batch = TrainingBatch(
      indices: indices, labels: labels(at: positions), exampleShape: exampleShape, values: values)
    let labels = batch.labels
    batch.mixture = mixing.map { ($0.partners.map { labels[$0] }, $0.shares) }
    return batch
  }
}
