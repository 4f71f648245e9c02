import Attacks
import Evaluation
import Models
import Robustness
import Tensors
import Testing

/// Several attacks in turn on the same rows.
@Suite struct CascadeTests {
  private static let bias: Float = -3

  private func suite(_ names: [String]) throws -> Suite {
    try Suite(
      try names.map { Suite.Member($0, try Catalogue.row(named: $0).attack()) }, norm: .infinity)
  }

  @Test(arguments: [1, 3, 64])
  func theFirstAttackThatSucceedsIsNamed(batch: Int) async throws {
    let ball = try Ball(.infinity, radius: 0.1)
    let problems = try ramp(40, threat: ball, bias: Self.bias)
    let runner = AttackRunner(model: affine(bias: Self.bias), batch: batch, seed: 1)
    let both = try await records(try suite(["noise", "pgd"]), runner, problems)
    let noise = try await records(try suite(["noise"]), runner, problems)
    let pgd = try await records(try suite(["pgd"]), runner, problems)
    for (together, (first, second)) in zip(both, zip(noise, pgd)) {
      #expect(together.isRobust == (first.isRobust && second.isRobust))
      if let adversarialExample = first.adversarialExample {
        #expect(together.adversarialExample == adversarialExample)
        // Nothing is spent on an example after that.
        #expect(together.stagePasses[1] == .zero)
      } else {
        #expect(together.adversarialExample == second.adversarialExample)
      }
      #expect(
        together.passes
          == together.stagePasses.reduce(Passes(forward: 1)) { $0 + $1 })
    }
    let evaluation = Evaluation(stages: ["noise", "pgd"], records: both)
    let parts = evaluation.contributions
    #expect(parts[0].tried == evaluation.clean.count)
    #expect(parts[1].tried == evaluation.clean.count - parts[0].broken)
    #expect(parts[1].accuracy == evaluation.robust)
    #expect(parts.reduce(0) { $0 + $1.broken } == evaluation.broken.count)
    // The exact answer: the sum moves by 0.6 at most.
    for (problem, record) in zip(problems, both) {
      let sum = 6 * Double(problem.input[0]) - 3
      #expect(record.isRobust == (abs(sum) > 0.6))
    }
  }

  @Test func anAttackThatFailsLeavesTheExampleToTheNext() async throws {
    struct Failing: Attack {
      struct Reason: Error {}
      static let name = "failing"
      static let knowledge = Knowledge.gradients
      var budget: Passes { .gradients(1) }
      func maximize(_ problem: Problem, using oracle: Oracle) async throws -> Candidate {
        throw Reason()
      }
    }
    let ball = try Ball(.infinity, radius: 0.1)
    let problems = try ramp(20, threat: ball, bias: Self.bias)
    let runner = AttackRunner(model: affine(bias: Self.bias))
    let outcomes = try await runner.run([Stage(Failing()), Stage(PGD())], on: problems)
    let alone = try await runner.run(PGD(), on: problems)
    for (outcome, expected) in zip(outcomes, alone) {
      #expect(outcome.adversarialExample?.hash == expected.adversarialExample?.hash)
      #expect(outcome.failure != nil)
    }
  }

  @Test func withoutRoomItIsTheCleanAccuracy() async throws {
    let ball = try Ball(.infinity, radius: 0)
    let problems = try ramp(20, threat: ball, bias: Self.bias)
    let found = try await records(
      try suite(["pgd", "noise"]), AttackRunner(model: affine(bias: Self.bias)), problems)
    let evaluation = Evaluation(stages: ["pgd", "noise"], records: found)
    #expect(evaluation.robust == evaluation.clean)
  }

  @Test(arguments: [Norm.infinity, .two])
  func `what gives up agrees with what spends its whole budget`(_ norm: Norm) async throws {
    let shape: Shape = [1, 4, 6]
    var randomness = Philox(key: 2)
    let weights = randomness.normals([5, 24])
    let model = AffineModel(inputShape: shape, weights: weights, biases: .zeros([5]))
    let problems = try (0..<40).map { index in
      let x = randomness.uniforms(shape)
      let scores = (0..<5).map { row in
        (0..<24).reduce(Float(0)) { $0 + weights[24 * row + $1] * x[$1] }
      }
      let label = scores.indices.max { scores[$0] < scores[$1] } ?? 0
      return try Problem(
        index: index, input: x, label: label, threat: try Ball(norm, radius: 0.02))
    }
    let runner = AttackRunner(model: model)
    let brief = try await records(try .standard(norm, outputCount: 5), runner, problems)
    let whole = try await records(
      try .standard(norm, outputCount: 5, isExhaustive: true), runner, problems)
    #expect(brief.map(\.isRobust) == whole.map(\.isRobust))
    #expect(whole.contains { $0.isRobust } && whole.contains { !$0.isRobust })
    let spent = [brief, whole].map { $0.reduce(0) { $0 + $1.passes.forward } }
    #expect(3 * spent[0] < 2 * spent[1])
  }

  @Test func namesMustDiffer() throws {
    let member = Suite.Member("pgd", PGD())
    #expect(throws: SuiteError.twice("pgd")) { try Suite([member, member], norm: .two) }
    #expect(throws: SuiteError.empty) { try Suite([], norm: .two) }
    #expect(throws: SuiteError.norm) { try Suite.standard(.zero, outputCount: 10) }
    #expect(throws: OptionError.self) {
      try Suite.standard(.two, outputCount: 10, names: ["nonsense"])
    }
  }
}
