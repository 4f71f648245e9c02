import Attacks
import Models
import Robustness
import Tensors
import Testing

/// What attacks from labels do beyond the contract: targets, masks, levels, no bounds, and more for more queries.
@Suite(.serialized) struct LabelAttackTests {
  // Pixels that change or do not have tests of their own.
  private static let rows = Selected.rows.filter {
    $0.knowledge == .labels && !$0.norms.contains(.zero)
  }
  private static let shape: Shape = [1, 5, 5]
  private static let network = TwoLayers(inputShape: shape, hidden: 16, outputCount: 4, key: 8)

  private static func inputs(_ count: Int) -> [Tensor<Float>] {
    var randomness = Philox(key: 5)
    return (0..<count).map { _ in randomness.uniforms(shape) }
  }

  private func outcomes(
    _ row: CatalogueRow, _ threat: any ThreatModel, queries: Int, count: Int = 12,
    _ goal: (Int) -> Goal = { .avoid($0) }
  ) async throws -> [(Outcome, Problem)] {
    let problems = try Self.inputs(count).enumerated().map { index, x in
      let label = try Self.network.label(of: x)
      return try Problem(
        index: index, input: x, label: label, threat: threat, goal: goal(label),
        earlyStopping: false)
    }
    let attack = try row.attack(["queries": "\(queries)"])
    let runner = AttackRunner(model: Self.network, batch: 32, seed: 2)
    return Array(zip(try await runner.run(attack, on: problems), problems))
  }

  private func median(_ outcomes: [(Outcome, Problem)]) -> Double {
    let distances = outcomes.map { $0.0.nearest?.distance ?? .infinity }.sorted()
    return distances[distances.count / 2]
  }

  @Test(arguments: rows)
  func `more queries come nearer, and none is spent beyond them`(_ row: CatalogueRow) async throws {
    for norm in row.norms {
      let ball = try Ball(norm, radius: 0.1)
      let few = try await outcomes(row, ball, queries: 150)
      let many = try await outcomes(row, ball, queries: 1_500)
      #expect(median(many) <= median(few))
      for (outcome, _) in few {
        #expect(outcome.passes.forward <= 150 && outcome.passes.backward == 0)
        #expect(outcome.failure == nil)
      }
      for (outcome, problem) in many {
        let adversarialExample = try #require(outcome.nearest)
        #expect(try Self.network.label(of: adversarialExample.input) != problem.label)
      }
    }
  }

  @Test(arguments: rows)
  func `targets are reached, half of them at least`(_ row: CatalogueRow) async throws {
    for norm in row.norms {
      for turn in 1...3 {
        let reached = try await outcomes(
          row, try Ball(norm, radius: 0.1), queries: 1_000, count: 20
        ) { .reach(($0 + turn) % 4) }
        for (outcome, problem) in reached {
          guard let adversarialExample = outcome.nearest else { continue }
          #expect(problem.goal == .reach(try Self.network.label(of: adversarialExample.input)))
        }
        #expect(2 * reached.count { $0.0.nearest != nil } >= reached.count)
      }
    }
  }

  @Test(arguments: rows)
  func `what is masked stays as it is`(_ row: CatalogueRow) async throws {
    let mask = (0..<Self.shape.count).map { $0 % 3 != 0 }
    for norm in row.norms {
      let found = try await outcomes(row, try Ball(norm, radius: 1, mask: mask), queries: 1_000)
      #expect(found.contains { $0.0.nearest != nil })
      for (outcome, problem) in found {
        guard let adversarialExample = outcome.nearest else { continue }
        for index in mask.indices where !mask[index] {
          #expect(adversarialExample.input[index] == problem.input[index])
        }
      }
    }
  }

  @Test(arguments: rows)
  func `without bounds there is a scale too`(_ row: CatalogueRow) async throws {
    for norm in row.norms {
      let free = try await outcomes(
        row, try Ball(norm, radius: 1, bounds: .none), queries: 1_000)
      let bound = try await outcomes(row, try Ball(norm, radius: 1), queries: 1_000)
      #expect(free.allSatisfy { $0.0.nearest != nil && $0.0.failure == nil })
      #expect(median(free) <= 1.6 * median(bound))
    }
  }

  @Test(arguments: rows)
  func `inputs on levels are found and stay on them`(_ row: CatalogueRow) async throws {
    let levels = QuantizationLevels((0...50).map { Float($0) / 50 })
    for norm in row.norms {
      let threat = QuantizedBall(try Ball(norm, radius: 1), levels: levels)
      let problems = try Self.inputs(8).enumerated().map { index, x in
        let x = x.map { ($0 * 50).rounded() / 50 }
        return try Problem(
          index: index, input: x, label: try Self.network.label(of: x), threat: threat,
          goal: .avoid(try Self.network.label(of: x)), earlyStopping: false)
      }
      let attack = try row.attack(["queries": "600"])
      for outcome in try await AttackRunner(model: Self.network).run(attack, on: problems) {
        #expect(outcome.failure == nil)
        let adversarialExample = try #require(outcome.nearest)
        #expect(adversarialExample.input.scalars.allSatisfy(levels.values.contains))
      }
    }
  }

  @Test(arguments: rows)
  func `a norm that it is not written for is reported`(_ row: CatalogueRow) async throws {
    for norm in Norm.allCases where !row.norms.contains(norm) {
      let found = try await outcomes(row, try Ball(norm, radius: 1), queries: 100, count: 1)
      let failure = try #require(found.first?.0.failure)
      #expect(failure.description.contains("is not written for \(norm.rawValue)"))
    }
  }
}
