import Attacks
import Datasets
import Engine
import Networks
import Optimizers
import Robustness
import Synchronization
import Tensors
import Testing
import Training

/// What the adversary does to the examples, and that the network is trained on just that.
@Suite struct AdversaryTests {
  private let data = Digits.data(20)

  private func recipe(
    _ attack: any Attack, _ norm: Norm = .infinity, radius: Double = 0.3, epochs: Int = 2
  ) throws -> Recipe {
    Recipe(
      epochs: epochs, batchSize: 8, optimizer: SGD(), schedule: .constant(rate: 0.02), seed: 3,
      adversary: .init(
        attack, threat: try Ball(norm, radius: radius), description: "an adversary"))
  }

  @Test(arguments: [Norm.infinity, .two])
  func inputsLieInTheBall(norm: Norm) async throws {
    for attack: any Attack in [FGSM { $0.randomStart = true }, PGD { $0.steps = 4 }] {
      let recorder = Recorder(attack: attack)
      let recipe = try recipe(recorder, norm, radius: norm == .two ? 2 : 0.3)
      _ = try await Trainer(recipe).train(
        TrainingState(try Digits.network(), recipe: recipe), on: data)
      let entries = recorder.log.entries.withLock { $0 }
      #expect(entries.count == 40)
      for entry in entries {
        #expect(entry.isFeasible)
        #expect(entry.z != entry.center)
        #expect(entry.z.scalars.allSatisfy { 0...1 ~= $0 })
        #expect(try entry.center == data.image(at: entry.index))
        let differences = zip(entry.z.scalars, entry.center.scalars).map { Double($0) - Double($1) }
        let distance =
          norm == .two
          ? differences.reduce(0) { $0 + $1 * $1 }.squareRoot()
          : differences.reduce(0) { max($0, abs($1)) }
        #expect(distance <= (norm == .two ? 2 * (1 + 1e-12) : 0.3))
        #expect(distance > 0.1)
      }
      // Each epoch draws anew.
      for index in 0..<20 {
        let starts = entries.filter { $0.index == index }
        #expect(starts.count == 2 && starts[0].z != starts[1].z)
      }
    }
  }

  /// Training against an adversary for one step is training on what it came back with.
  @Test func theNetworkIsTrainedOnWhatTheAdversaryFinds() async throws {
    let recorder = Recorder(attack: PGD { $0.steps = 3 })
    let few = data.subset(0..<8)
    let recipe = try recipe(recorder, epochs: 1)
    let start = TrainingState(try Digits.network(), recipe: recipe)
    let end = try await Trainer(recipe).train(start, on: few)
    var inputs = [[Float]](repeating: [], count: 8)
    for entry in recorder.log.entries.withLock({ $0 }) { inputs[entry.index] = entry.z.scalars }
    let found = Dataset(
      name: "found", exampleShape: [1, 28, 28], values: inputs.flatMap { $0 }, labels: few.labels,
      classNames: few.classNames, bounds: 0...1)
    var plain = recipe
    plain.method = PlainTraining()
    let expected = try await Trainer(plain).train(start, on: found)
    #expect(end.bits == expected.bits)
    let natural = try await Trainer(plain).train(start, on: few)
    #expect(end.bits != natural.bits)
    #expect(end.epochs[0].loss > natural.epochs[0].loss)
  }

  @Test func theAttackRunsToItsEnd() async throws {
    let counter = Counter(steps: 5)
    let recipe = try recipe(counter)
    _ = try await Trainer(recipe).train(
      TrainingState(try Digits.network(), recipe: recipe), on: data)
    #expect(counter.log.gradients.load(ordering: .relaxed) == 2 * 20 * 5)
    #expect(counter.log.invitations.load(ordering: .relaxed) == 0)
    // An untrained network is wrong already, so an attack that may stop would have.
    let margins = counter.log.margins.withLock { $0 }
    #expect(margins.contains { $0 > 0 })
  }

  @Test func theCostIsExact() async throws {
    let network = try CompiledNetwork(try Digits.network())
    let ball = try Ball(.infinity, radius: 0.3)
    let problems = try data.examples.map {
      try Problem(index: $0.index, input: $0.input, label: $0.label, threat: ball)
    }
    let runner = AttackRunner(model: network, batch: 8)
    for (attack, expected) in [
      (FGSM { $0.randomStart = true } as any Attack, Passes.gradients(1)),
      (PGD { $0.steps = 7 }, .gradients(7)),
      (
        PGD {
          $0.steps = 7
          $0.restarts = 3
        }, .gradients(21) + Passes(forward: 3)
      ),
    ] {
      let worst = try await runner.trainingInputs(attack, on: problems)
      #expect(worst.allSatisfy { $0.passes == expected && $0.failure == nil })
    }
  }

  @Test func aFailingAttackEndsTheTraining() async throws {
    let recipe = try recipe(Failing(indices: [13]))
    let start = TrainingState(try Digits.network(), recipe: recipe)
    var steps = 0
    let error = await #expect(throws: TrainingError.self) {
      try await Trainer(recipe).train(start, on: data, onStep: { _ in steps += 1 })
    }
    #expect(
      error
        == .attack(step: steps + 1, index: 13, "the attack threw: Refusal()"))
    #expect(
      error?.description
        == "the adversary failed at step \(steps + 1) on example 13: the attack threw: Refusal()")
  }

  @Test func examplesOutsideTheBoundsAreRefused() async throws {
    let recipe = try recipe(FGSM())
    let bright = Dataset(
      name: "bright", exampleShape: [1, 28, 28], values: Array(repeating: 2, count: 784),
      labels: [0], classNames: ["0", "1"], bounds: 0...2)
    await #expect(throws: ThreatError.self) {
      try await Trainer(recipe).train(
        TrainingState(try Digits.network(), recipe: recipe), on: bright)
    }
  }
}
