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

/// An attack may do what it likes; the runner's numbers stay right and its neighbours unharmed.
@Suite struct RunnerTrustTests {
  /// Long enough that a sound attack is never taken for a stalled one, however busy other tests keep the machine.
  private static let stallLimit = Duration.seconds(4)

  /// Runs an attack that misbehaves on every fifth problem and climbs to the corner on the others.
  private func run(
    bias: Float = -3.5, restarts: Int = 1, budget: Passes = .gradients(10),
    stallLimit: Duration = .seconds(60),
    _ misbehave: @escaping @Sendable (Problem, Oracle) async throws -> Tensor<Float>
  ) async throws -> [Outcome] {
    let runner = AttackRunner(
      model: TestModel(bias: bias), batch: 8, workers: 2, stallLimit: stallLimit)
    let attack = Scripted(restarts: restarts, budget: budget) { problem, oracle in
      if problem.index % 5 == 3 { return try await misbehave(problem, oracle) }
      let region = try problem.region
      let objective = try problem.objective(.margin, outputCount: 2)
      let answer = try await oracle.gradient(at: region.center, of: objective)
      return region.maximizer(of: answer.gradient)
    }
    let outcomes = try await runner.run(attack, on: problems(40))
    #expect(outcomes.map(\.index) == Array(0..<40))
    for outcome in outcomes where outcome.index % 5 != 3 {
      #expect(outcome.failure == nil)
      #expect(outcome.adversarialExample?.margin == 1)
      #expect(outcome.adversarialExample?.distance == 0.25)
      #expect(!outcome.robust)
    }
    return outcomes.filter { $0.index % 5 == 3 }
  }

  @Test func `a row that computes for long before it asks is answered all the same`() async throws {
    // Longer than anybody waits for a row, so that its request comes when nothing else is under way.
    for outcome in try await run({ problem, oracle in
      let region = try problem.region
      let objective = try problem.objective(.margin, outputCount: 2)
      usleep(150_000)
      let answer = try await oracle.gradient(at: region.center, of: objective)
      usleep(150_000)
      return region.maximizer(
        of: try await oracle.gradient(
          at: region.maximizer(of: answer.gradient), of: objective
        ).gradient)
    }) {
      #expect(outcome.failure == nil && outcome.adversarialExample?.margin == 1)
    }
  }

  @Test func `a point outside is no adversarial example`() async throws {
    for outcome in try await run({ problem, _ in problem.input.map { $0 + 0.2500001 } }) {
      #expect(outcome.failure == .outside)
      #expect(outcome.adversarialExample == nil && outcome.robust)
    }
  }

  @Test func `a point out of bounds that was evaluated is no adversarial example either`()
    async throws
  {
    for outcome in try await run({ problem, oracle in
      let far = problem.input.map { $0 + 5 }
      let scores = try await oracle.scores(at: far)
      #expect(scores.reachesGoal)
      return problem.input
    }) {
      #expect(outcome.failure == nil)
      #expect(outcome.adversarialExample == nil && outcome.robust)
      #expect(outcome.margin == outcome.cleanMargin)
    }
  }

  @Test func `NaN, wrong shapes and thrown errors are reported`() async throws {
    struct Mine: Error {}
    for outcome in try await run({ problem, _ in problem.input.map { _ in .nan } }) {
      #expect(outcome.failure == .notANumber && outcome.robust)
    }
    for outcome in try await run({ _, _ in Tensor([0.5], shape: [1]) }) {
      #expect(outcome.failure == .wrongShape(given: [1], expected: [6]))
    }
    for outcome in try await run({ _, oracle in
      _ = try await oracle.scores(at: Tensor([0.5], shape: [1]))
      return Tensor([0.5], shape: [1])
    }) {
      #expect(outcome.failure == .wrongShape(given: [1], expected: [6]))
      #expect(outcome.passes == Passes(forward: 1))
    }
    for outcome in try await run({ _, _ in throw Mine() }) {
      #expect(outcome.failure == .threw("Mine()"))
    }
  }

  @Test func `the best point counts even if the attack then fails`() async throws {
    struct Mine: Error {}
    for outcome in try await run({ problem, oracle in
      let corner = problem.input.map { $0 + 0.25 }
      let answers = try await oracle.scores(at: [problem.input, corner, problem.input])
      #expect(answers.map(\.reachesGoal) == [false, true, false])
      throw Mine()
    }) {
      #expect(outcome.failure == .threw("Mine()"))
      #expect(outcome.adversarialExample?.margin == 1)
      #expect(outcome.adversarialExample?.restart == 0)
      #expect(!outcome.robust)
      #expect(outcome.passes == Passes(forward: 5))
    }
  }

  @Test func `an attack that comes back worse than it went keeps its best point`() async throws {
    for outcome in try await run({ problem, oracle in
      _ = try await oracle.scores(at: problem.input.map { $0 + 0.25 })
      return problem.input
    }) {
      #expect(outcome.failure == nil)
      #expect(outcome.adversarialExample?.margin == 1)
    }
  }

  @Test func `the budget ends requests without end`() async throws {
    for outcome in try await run({ problem, oracle in
      let objective = try problem.objective(.margin, outputCount: 2)
      while true { _ = try await oracle.gradient(at: problem.input, of: objective) }
    }) {
      #expect(outcome.failure == .overBudget(.gradients(10)))
      #expect(outcome.passes == Passes(forward: 11, backward: 10))
    }
    for outcome in try await run({ problem, oracle in
      while true { _ = try await oracle.scores(at: problem.input) }
    }) {
      #expect(outcome.failure == .overBudget(.gradients(10)))
      #expect(outcome.passes == Passes(forward: 11))
    }
  }

  @Test func `an oracle is closed when its attempt is over`() async throws {
    let kept = Mutex<Oracle?>(nil)
    _ = try await run { problem, oracle in
      kept.withLock { $0 = oracle }
      return problem.input
    }
    let oracle = try #require(kept.withLock { $0 })
    await #expect(throws: CancellationError.self) {
      _ = try await oracle.scores(at: Tensor(repeating: 0.5, shape: [6]))
    }
  }

  @Test func `an attack that waits for what never comes is abandoned`() async throws {
    for outcome in try await run(
      stallLimit: .seconds(1),
      { problem, oracle in
        _ = try await oracle.scores(at: problem.input.map { $0 + 0.25 })
        await withUnsafeContinuation { (_: UnsafeContinuation<Void, Never>) in }
        return problem.input
      })
    {
      #expect(outcome.failure == .stalled)
      #expect(outcome.adversarialExample?.margin == 1)
    }
  }

  @Test func `an attack that loops for ever is abandoned`() async throws {
    let isOver = Atomic<Bool>(false)
    for outcome in try await run(
      stallLimit: .seconds(1),
      { problem, oracle in
        _ = try await oracle.scores(at: problem.input.map { $0 + 0.25 })
        // Asleep in between: who computes all the time would take the processors from all other tests.
        while !isOver.load(ordering: .relaxed) { usleep(100) }
        return problem.input
      })
    {
      #expect(outcome.failure == .stalled)
      #expect(outcome.adversarialExample?.margin == 1)
    }
    isOver.store(true, ordering: .relaxed)
  }

  @Test func `where an attack never comes back the next one of the cascade goes on`() async throws {
    let released = Mutex<Set<Int>>([])
    let stuck = Scripted(restarts: 1, budget: .gradients(10)) { problem, oracle in
      if problem.index % 2 == 0 { return problem.input }
      _ = try await oracle.scores(at: problem.input)
      while !released.withLock({ $0.contains(problem.index) }) { usleep(100) }
      // Its time is over: neither what it asks nor what it returns counts.
      _ = try? await oracle.scores(at: problem.input.map { $0 + 0.25 })
      return problem.input.map { $0 + 0.25 }
    }
    let corner = Scripted(restarts: 1, budget: .gradients(10)) { problem, oracle in
      if problem.index % 2 == 1 {
        _ = released.withLock { $0.insert(problem.index) }
        try await Task.sleep(for: .milliseconds(20))
      }
      let region = try problem.region
      let objective = try problem.objective(.margin, outputCount: 2)
      return region.maximizer(
        of: try await oracle.gradient(at: region.center, of: objective).gradient)
    }
    let runner = AttackRunner(
      model: TestModel(bias: -3.5), batch: 8, workers: 2, stallLimit: Self.stallLimit)
    let stages = [Stage(stuck, named: "stuck"), Stage(corner, named: "corner")]
    let outcomes = try await runner.run(stages, on: problems(12))
    #expect(outcomes.map(\.index) == Array(0..<12))
    for outcome in outcomes {
      let stalled = outcome.index % 2 == 1
      #expect(
        outcome.adversarialExample?.attack == "corner" && outcome.adversarialExample?.margin == 1)
      #expect(outcome.failure == (stalled ? .stalled : nil))
      #expect(outcome.stagePasses[0] == Passes(forward: 1))
      #expect(outcome.stagePasses[1].backward == 1)
    }
  }

  @Test func `an attack that yields for ever or ignores errors is abandoned`() async throws {
    for outcome in try await run(
      stallLimit: .seconds(1),
      { problem, oracle in
        while true {
          usleep(100)
          await Task.yield()
        }
      })
    {
      #expect(outcome.failure == .stalled)
    }
    for outcome in try await run(
      stallLimit: .seconds(1),
      { problem, oracle in
        var failures = 0
        while failures < 1 << 40 {
          do { _ = try await oracle.scores(at: problem.input) } catch {
            failures += error is CancellationError ? 1 << 40 : 1
            usleep(100)
          }
        }
        return problem.input
      })
    {
      #expect(outcome.failure == .stalled)
    }
  }

  @Test func `an attack may sleep and use tasks of its own`() async throws {
    // Tasks of its own wait for the threads that all other tests keep busy.
    for outcome in try await run(
      stallLimit: .seconds(3600),
      { problem, oracle in
        try await Task.sleep(for: .milliseconds(5))
        async let first = oracle.scores(at: problem.input)
        let second = try await Task.detached {
          try await oracle.scores(at: problem.input.map { $0 + 0.125 })
        }.value
        let margin = try await first.margin
        #expect(margin == -0.5)
        #expect(second.margin == 0.25)
        return problem.input.map { $0 + 0.25 }
      })
    {
      #expect(outcome.failure == nil)
      #expect(outcome.adversarialExample?.margin == 1)
      #expect(outcome.passes == Passes(forward: 4))
    }
  }

  @Test func `an attack sees no more than it declares`() async throws {
    struct Peeping: Attack {
      static let name = "peeping"
      static let knowledge = Knowledge.scores
      let budget = Passes.gradients(5)
      func maximize(_ problem: Problem, using oracle: Oracle) async throws -> Candidate {
        let objective = try problem.objective(.margin, outputCount: 2)
        _ = try await oracle.gradient(at: problem.input, of: objective)
        return Candidate(problem.input)
      }
    }
    let outcomes = try await AttackRunner(model: TestModel()).run(Peeping(), on: problems(3))
    #expect(outcomes.allSatisfy { $0.failure == .notRevealed(.gradients) })
    await #expect(throws: AttackRunnerError.self) {
      try await AttackRunner(model: TestModel(knowledge: .labels)).run(Peeping(), on: problems(3))
    }
  }
}
