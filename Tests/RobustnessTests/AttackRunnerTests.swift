import Engine
import Models
import Robustness
import Synchronization
import Tensors
import Testing

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

@Suite struct AttackRunnerTests {
  @Test func `batches are full until the rows run out`() async throws {
    for isMixed in [false, true] {
      let model = TestModel()
      let attack = Scripted { problem, oracle in
        var randomness = oracle.randomness("steps")
        let objective = try problem.objective(.margin, outputCount: 2)
        for step in 0..<1 + randomness.integer(below: 40) {
          if isMixed && (step + problem.index) % 3 == 0 {
            _ = try await oracle.scores(at: problem.input)
          } else {
            _ = try await oracle.gradient(at: problem.input, of: objective)
          }
        }
        return problem.input
      }
      let outcomes = try await AttackRunner(model: model, batch: 32).run(attack, on: problems(1000))
      #expect(outcomes.reduce(.zero) { $0 + $1.passes } == model.spent)
      let counts = model.batches.withLock { $0.map(\.count) }
      #expect(counts.allSatisfy { $0 <= 32 })
      // Once no row is left to be admitted, at most three batches of rows are alive, for 42
      // requests each.
      let lastFull = counts.lastIndex(of: 32) ?? 0
      let short = counts.enumerated().filter { $0.element < 32 }
      let total = counts.reduce(0, +)
      let early = short.filter { counts[..<$0.offset].reduce(0, +) < total - 96 * 42 }
      // A worker that the system keeps from running for long is not waited for; that is rare.
      #expect(early.count <= counts.count / 50, "\(early), last full \(lastFull)")
    }
  }

  @Test func `a misclassified example is not attacked`() async throws {
    let attack = Scripted { _, _ in
      Issue.record("attacked")
      throw CancellationError()
    }
    let outcomes = try await AttackRunner(model: TestModel(bias: 0)).run(attack, on: problems(10))
    for outcome in outcomes {
      #expect(outcome.prediction == 1 && outcome.label == 0)
      #expect(outcome.cleanMargin == 3 && outcome.margin == 3)
      #expect(!outcome.robust && outcome.adversarialExample == nil && outcome.failure == nil)
      #expect(outcome.passes == Passes(forward: 1))
    }
  }

  @Test func `outputs that are not numbers are neither success nor robustness`() async throws {
    let outcomes = try await AttackRunner(model: TestModel(bias: .nan)).run(
      Scripted { problem, _ in problem.input }, on: problems(3))
    for outcome in outcomes {
      #expect(outcome.cleanMargin.isNaN && outcome.prediction == nil)
      #expect(!outcome.robust && outcome.adversarialExample == nil)
    }
  }

  @Test func `restarts run until one succeeds, each with its own randomness`() async throws {
    let seen = Mutex<[Int: [UInt64]]>([:])
    let attack = Scripted(restarts: 4) { problem, oracle in
      var randomness = oracle.randomness("try")
      let number = randomness.next()
      let attempts = seen.withLock { seen in
        seen[problem.index, default: []].append(number)
        return seen[problem.index, default: []].count
      }
      let isLast = problem.index % 2 == 0 && attempts == 3
      return problem.input.map { $0 + (isLast ? 0.25 : 0.1) }
    }
    let outcomes = try await AttackRunner(model: TestModel(bias: -4)).run(attack, on: problems(6))
    for outcome in outcomes {
      let numbers = seen.withLock { $0[outcome.index, default: []] }
      #expect(numbers.count == (outcome.index % 2 == 0 ? 3 : 4))
      #expect(Set(numbers).count == numbers.count)
      #expect(outcome.adversarialExample?.restart == (outcome.index % 2 == 0 ? 2 : nil))
      #expect(outcome.passes == Passes(forward: 1 + numbers.count))
    }
  }

  @Test func `a model that throws ends the run with its error`() async throws {
    for failsAfter in [0, 1, 7] {
      let attack = Scripted { problem, oracle in
        for _ in 0..<50 { _ = try? await oracle.scores(at: problem.input) }
        return problem.input
      }
      await #expect(throws: TestModel.Broken.down) {
        try await AttackRunner(model: TestModel(failsAfter: failsAfter), batch: 4).run(
          attack, on: problems(30))
      }
    }
  }

  @Test func `cancellation ends the run and keeps what has been reported`() async throws {
    let reported = Mutex<[Int]>([])
    let live = Atomic<Int>(0)
    let attack = Scripted { problem, oracle in
      live.wrappingAdd(1, ordering: .relaxed)
      defer { live.wrappingSubtract(1, ordering: .relaxed) }
      if problem.index < 3 { return problem.input }
      try await Task.sleep(for: .seconds(3600))
      return problem.input
    }
    let problems = try problems(50)
    // However long other tests keep this task from seeing what was reported.
    let runner = AttackRunner(model: TestModel(), batch: 4, stallLimit: .seconds(86_400))
    let task = Task {
      try await runner.run(attack, on: problems) { count, outcome in
        reported.withLock { $0.append(outcome.index) }
      }
    }
    while reported.withLock({ $0.count }) < 3 { try await Task.sleep(for: .milliseconds(1)) }
    task.cancel()
    await #expect(throws: CancellationError.self) { try await task.value }
    #expect(reported.withLock { $0.sorted() } == [0, 1, 2])
    #expect(live.load(ordering: .relaxed) == 0)
  }

  @Test func `cancellation does not wait for an attack that will not end`() async throws {
    let isOver = Atomic<Bool>(false)
    let attack = Scripted { problem, _ in
      while !isOver.load(ordering: .relaxed) { usleep(100) }
      return problem.input
    }
    let problems = try problems(5)
    let task = Task { try await AttackRunner(model: TestModel()).run(attack, on: problems) }
    try await Task.sleep(for: .milliseconds(20))
    task.cancel()
    await #expect(throws: CancellationError.self) { try await task.value }
    isOver.store(true, ordering: .relaxed)
  }

  @Test func `a run in a cancelled task does nothing`() async throws {
    let model = TestModel()
    let problems = try problems(5)
    let task = Task {
      withUnsafeCurrentTask { $0?.cancel() }
      return try await AttackRunner(model: model).run(Scripted { p, _ in p.input }, on: problems)
    }
    await #expect(throws: CancellationError.self) { try await task.value }
    #expect(model.spent == .zero)
  }

  @Test func `problems that do not fit the model are refused`() async throws {
    let runner = AttackRunner(model: TestModel(size: 6))
    let attack = Scripted { problem, _ in problem.input }
    await #expect(throws: AttackRunnerError.shape(index: 0, given: [5], expected: [6])) {
      try await runner.run(attack, on: problems(1, size: 5))
    }
    let problem = try Problem(
      index: 9, input: Tensor(repeating: 0.5, shape: [6]), label: 2,
      threat: try Ball(.two, radius: 1))
    await #expect(throws: AttackRunnerError.goal(index: 9, .output(2, outputCount: 2))) {
      try await runner.run(attack, on: [problem])
    }
    let nothing = try await runner.run(attack, on: [])
    #expect(nothing.isEmpty)
  }

  @Test func `training costs what the attack asks for and stops nowhere`() async throws {
    let model = TestModel(bias: -3)
    let attack = Scripted { problem, oracle in
      let objective = try problem.objective(.crossEntropy, outputCount: 2)
      var z = problem.input
      for _ in 0..<7 {
        let answer = try await oracle.gradient(at: z, of: objective)
        #expect(!answer.reachesGoal)
        z = z + answer.gradient.map { $0 > 0 ? 0.1 : -0.1 }
      }
      return z
    }
    let inputs = try await AttackRunner(model: model, batch: 16).trainingInputs(
      attack, on: problems(50))
    #expect(model.spent == .gradients(350))
    for (index, worst) in inputs.enumerated() {
      #expect(worst.index == index && worst.failure == nil)
      #expect(worst.input.scalars.allSatisfy { $0 == 0.75 })
      #expect(worst.passes == .gradients(7))
    }
  }

  @Test func `training keeps the worst of several restarts and the example where all fails`()
    async throws
  {
    let model = TestModel(bias: -3)
    let count = Mutex<[Int: Int]>([:])
    let attack = Scripted(restarts: 3) { problem, _ in
      struct Mine: Error {}
      if problem.index == 1 { throw Mine() }
      let attempt = count.withLock { count in
        count[problem.index, default: 0] += 1
        return count[problem.index, default: 0]
      }
      return problem.input.map { $0 + [0.05, 0.2, 0.1][attempt - 1] }
    }
    let inputs = try await AttackRunner(model: model).trainingInputs(attack, on: problems(3))
    #expect(inputs[0].input.scalars.allSatisfy { $0 == 0.7 })
    #expect(inputs[0].passes == Passes(forward: 3))
    #expect(inputs[1].failure == .threw("Mine()"))
    #expect(inputs[1].input.scalars.allSatisfy { $0 == 0.5 })
  }

  @Test func `the hash of an adversarial example names shape and values`() {
    let values: [Float] = [0.5, -1, 3]
    let hash = AdversarialExample.hash(of: Tensor(values, shape: [3]))
    #expect(hash.count == 64)
    #expect(hash == AdversarialExample.hash(of: Tensor(values, shape: [3])))
    #expect(hash != AdversarialExample.hash(of: Tensor(values, shape: [1, 3])))
    #expect(hash != AdversarialExample.hash(of: Tensor([0.5, -1, Float(3).nextUp], shape: [3])))
  }
}
