import Attacks
import Datasets
import Networks
import Optimizers
import Robustness
import Synchronization
import Testing
import Training

/// A training that is interrupted anywhere, written, read and resumed is the training that was not.
@Suite struct ResumeTests {
  /// The ways to train.
  enum Way: CaseIterable {
    case plain, plainSGD, fast, madry, averaged, equallyAveraged, mixed, rewinding

    func recipe() throws -> Recipe {
      let ball = try Ball(.infinity, radius: 0.2)
      let adversary: Recipe.Adversary? =
        switch self {
        case .plain, .plainSGD, .averaged, .mixed: nil
        case .fast, .equallyAveraged, .rewinding:
          .init(
            FGSM {
              $0.randomStart = true
              $0.stepSize = 0.25
            }, threat: ball, description: "fast")
        case .madry:
          .init(
            PGD {
              $0.steps = 3
              $0.restarts = 2
            }, threat: ball, description: "madry")
        }
      var recipe = Recipe(
        epochs: 3, batchSize: 8,
        optimizer: self == .plainSGD ? SGD(momentum: 0.9, weightDecay: 1e-3) : Adam(),
        schedule: .cyclic(rate: 0.005, peak: 0.4), seed: 6, adversary: adversary)
      switch self {
      case .averaged: recipe.average = .exponential(decay: 0.9, warmUp: true)
      case .equallyAveraged: recipe.average = .equal(from: 1)
      case .mixed:
        recipe.augmentations = try Augmentations("crop:2,flip,noise:0.1,mixup:0.4")
        recipe.frozen = ["2"]
      case .rewinding: recipe.reaction = .rewind
      default: break
      }
      return recipe
    }
  }

  // The last batch of each epoch has 5 examples.
  private let data = Digits.data(21)
  private let total = 9

  private func trainer(_ recipe: Recipe) throws -> Trainer {
    let ball = try Ball(.infinity, radius: 0.1)
    return Trainer(
      recipe,
      validation: MeasurementPlan(
        Digits.data(12, seed: 9), attackedCount: 6,
        adversary: .init(PGD { $0.steps = 2 }, threat: ball, description: "measure")),
      selection: MeasurementPlan(
        Digits.data(10, seed: 4), attackedCount: 5,
        adversary: .init(PGD { $0.steps = 2 }, threat: ball, description: "several"),
        oneStep: .init(FGSM(), threat: ball, description: "one"),
        verified: try Ball(.infinity, radius: 0.01)))
  }

  /// Trains, as a task of its own, until a number of steps were taken in all.
  private func train(
    _ trainer: Trainer, from start: TrainingState, until stop: Int
  ) async throws -> TrainingState {
    let data = data
    return try await Task {
      func cancel() { withUnsafeCurrentTask { $0?.cancel() } }
      if start.step == stop { cancel() }
      return try await trainer.train(start, on: data, onStep: { if $0.step == stop { cancel() } })
    }.value
  }

  @Test("bit for bit, wherever it stops", arguments: Way.allCases)
  func anyStep(way: Way) async throws {
    let recipe = try way.recipe()
    let trainer = try trainer(recipe)
    let start = TrainingState(try Digits.network(), recipe: recipe)
    var kept: [TrainingState] = []
    let whole = try await trainer.train(start, on: data, onEpoch: { kept.append($0) })
    #expect(whole.step == total)
    #expect(kept.map(\.step) == [3, 6, 9])
    for stop in 0..<total {
      let part = try await train(trainer, from: start, until: stop)
      #expect(part.step == stop)
      #expect(!part.isFinished(recipe))
      let reread = try Digits.reread(part, recipe, on: data)
      #expect(reread.bits == part.bits)
      let end = try await trainer.train(reread, on: data)
      #expect(end.bits == whole.bits, "stopped after \(stop) steps")
    }
    // From what is written after an epoch, too.
    for state in kept.dropLast() {
      let end = try await trainer.train(Digits.reread(state, recipe, on: data), on: data)
      #expect(end.bits == whole.bits)
    }
  }

  @Test func oftenInterrupted() async throws {
    let recipe = try Way.fast.recipe()
    let trainer = try trainer(recipe)
    var state = TrainingState(try Digits.network(), recipe: recipe)
    let whole = try await trainer.train(state, on: data)
    for stop in 1..<total {
      state = try await train(trainer, from: state, until: stop)
      #expect(state.step == stop)
      state = try Digits.reread(state, recipe, on: data)
    }
    state = try await trainer.train(state, on: data)
    #expect(state.bits == whole.bits)
  }

  /// Interrupts a training at an attempt of its attack, in the midst of a step or of a validation.
  @Test(arguments: [0, 1, 20, 21, 23, 26, 27, 40, 62, 63, 65, 68], [true, false])
  func amidstAnAttack(attempt: Int, measures: Bool) async throws {
    let ball = try Ball(.infinity, radius: 0.2)
    let task = Mutex<Task<TrainingState, any Error>?>(nil)
    func attack(stopping: Bool) -> Recorder {
      var attack = Recorder(attack: FGSM { $0.randomStart = true })
      if stopping {
        attack.onAttempt = { if $0 == attempt { task.withLock { $0?.cancel() } } }
      }
      return attack
    }
    func trainer(stopping: Bool) -> Trainer {
      let adversary = Recipe.Adversary(
        attack(stopping: stopping), threat: ball, description: "recorder")
      let recipe = Recipe(
        epochs: 3, batchSize: 8, optimizer: Adam(), schedule: .constant(rate: 0.002),
        adversary: adversary)
      return Trainer(
        recipe,
        validation: measures
          ? MeasurementPlan(Digits.data(7, seed: 9), attackedCount: 7, adversary: adversary)
          : nil)
    }
    let data = data
    let stopping = trainer(stopping: true)
    let start = TrainingState(try Digits.network(), recipe: stopping.recipe)
    let part = try await task.withLock {
      let new = Task { try await stopping.train(start, on: data) }
      $0 = new
      return new
    }.value
    let whole = try await trainer(stopping: false).train(start, on: data)
    let reread =
      part.isFinished(stopping.recipe) ? part : try Digits.reread(part, stopping.recipe, on: data)
    let end = try await trainer(stopping: false).train(reread, on: data)
    #expect(end.bits == whole.bits)
    if !measures {
      #expect(part.step == (attempt < 63 ? attempt / 21 * 3 + attempt % 21 / 8 : 9))
    }
  }

  @Test func aCancelledTaskTakesNoStep() async throws {
    let recipe = try Way.plain.recipe()
    let start = TrainingState(try Digits.network(), recipe: recipe)
    let end = try await train(Trainer(recipe), from: start, until: 0)
    #expect(end.bits == start.bits)
  }

  @Test func anErrorOfTheKeeperEndsTheTraining() async throws {
    struct Full: Error {}
    let recipe = try Way.plain.recipe()
    var steps = 0
    await #expect(throws: Full.self) {
      try await Trainer(recipe).train(
        TrainingState(try Digits.network(), recipe: recipe), on: data,
        onStep: { _ in steps += 1 }, onEpoch: { _ in throw Full() })
    }
    #expect(steps == 3)
  }
}
