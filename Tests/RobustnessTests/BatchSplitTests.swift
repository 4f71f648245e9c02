import Engine
import Models
import Robustness
import Synchronization
import Tensors
import Testing

@Suite struct BatchSplitTests {
  private static let attack = Scripted { problem, oracle in
    let objective = try problem.objective(.margin, outputCount: 2)
    var z = problem.input
    for _ in 0..<3 {
      let answer = try await oracle.gradient(at: z, of: objective)
      z = z.zip(answer.gradient) { $0 + Float(problem.index % 7) * 0.02 * $1 }
    }
    return z
  }

  @Test(
    "a batch that does not fit is split, once told, with the same outcomes",
    arguments: [
      1, 3, 16, 63,
    ])
  func split(fits: Int) async throws {
    let problems = try problems(200)
    let expected = try await AttackRunner(model: TestModel(bias: -3.5), batch: 64).run(
      Self.attack, on: problems)
    let splits = Mutex<[BatchSplit]>([])
    let model = TestModel(bias: -3.5, fits: fits)
    let runner = AttackRunner(model: model, batch: 64) { split in
      splits.withLock { $0.append(split) }
    }
    let outcomes = try await runner.run(Self.attack, on: problems)
    #expect(outcomes.map(\.margin) == expected.map(\.margin))
    #expect(outcomes.map(\.passes) == expected.map(\.passes))
    #expect(
      Set(outcomes.map(\.robust)).count == 2 && outcomes.map(\.robust) == expected.map(\.robust))
    #expect(outcomes.reduce(.zero) { $0 + $1.passes } == model.spent)
    #expect(model.batches.withLock { $0.allSatisfy { $0.count <= fits } })
    let split = try #require(splits.withLock { $0.first })
    #expect(splits.withLock { $0.count } == 1)
    #expect(split.asked == 64 && split.needed == 6400 && split.available == 100 * fits)
    #expect(split.largest <= fits && 2 * split.largest + 1 >= min(fits, 32))
  }

  @Test func `what does not fit alone ends the run with what it needs`() async throws {
    let runner = AttackRunner(model: TestModel(fits: 0), batch: 64) { _ in Issue.record("split") }
    let error = await #expect(throws: EngineError.self) {
      try await runner.run(Self.attack, on: problems(20))
    }
    #expect(
      error?.description == "1 rows needs at least 100 bytes of memory, and 0 are available")
  }

  @Test func `what fits is not split`() async throws {
    let model = TestModel(fits: 64)
    let runner = AttackRunner(model: model, batch: 64) { _ in Issue.record("split") }
    _ = try await runner.run(Self.attack, on: problems(200))
    #expect(model.batches.withLock { $0.contains { $0.count == 64 } })
  }

  @Test("rows that do not fit are not held either", arguments: [1_000_000, Int.max])
  func rows(batch: Int) async throws {
    let model = TestModel()
    let splits = Mutex<[BatchSplit]>([])
    let runner = AttackRunner(model: model, batch: batch, memory: MemoryLimit { 50_000 }) { split in
      splits.withLock { $0.append(split) }
    }
    let outcomes = try await runner.run(Self.attack, on: problems(1000))
    #expect(outcomes.count == 1000)
    let split = try #require(splits.withLock { $0.first })
    #expect(splits.withLock { $0.count } == 1)
    // More rows than there are problems are not asked for.
    #expect(split.asked == 1000 && split.available == 50_000 && split.needed > 50_000)
    #expect(split.largest < 100)
    #expect(model.batches.withLock { $0.allSatisfy { $0.count <= split.largest } })
  }
}
