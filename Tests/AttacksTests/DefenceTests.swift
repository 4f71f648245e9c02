import Attacks
import Models
import Robustness
import Synchronization
import Tensors
import Testing

/// Planted defences: the naive attack must fail on them, and the adaptive one must not.
@Suite struct DefenceTests {
  private static let network = TwoLayers(
    inputShape: [2, 6, 6], hidden: 24, outputCount: 4, key: 33)

  private func problems(_ radius: Double, model: any BatchedModel, _ count: Int = 80) throws
    -> [Problem]
  {
    var randomness = Philox(key: 14)
    return try (0..<count).map { index in
      let x = randomness.uniforms(Self.network.inputShape)
      return try Problem(
        index: index, input: x, label: label(of: x, model),
        threat: Ball(.infinity, radius: radius))
    }
  }

  private func label(of x: Tensor<Float>, _ model: any BatchedModel) throws -> Int {
    try model.evaluate(x, isExact: true).indexOfMaximum ?? 0
  }

  private func broken(
    _ attack: any Attack, _ model: any BatchedModel, _ problems: [Problem]
  ) async throws -> Int {
    let outcomes = try await AttackRunner(model: model, batch: 16, seed: 1).run(
      attack, on: problems)
    #expect(outcomes.allSatisfy { $0.failure == nil && $0.cleanMargin <= 0 })
    return outcomes.count { $0.adversarialExample != nil }
  }

  @Test func `a quantised input falls to the straight backward pass`() async throws {
    let rule = InputQuantization(levels: 8)
    let defended = PreprocessedModel(Self.network, behind: rule)
    let adaptive = PreprocessedModel(Self.network, behind: rule, backward: .straight)
    let problems = try problems(0.1, model: defended)
    let attack = PGD {
      $0.steps = 20
      $0.randomStart = false
    }
    let naive = try await broken(attack, defended, problems)
    let straight = try await broken(attack, adaptive, problems)
    // Without a gradient nothing moves.
    #expect(naive == 0)
    #expect(straight > problems.count / 3, "\(straight)")
  }

  @Test func `random resizing falls to the expectation over its draws`() async throws {
    let rule = RandomResize(least: 0.6)
    let defended = PreprocessedModel(Self.network, behind: rule)
    let expected = PreprocessedModel(
      Self.network, behind: rule, drawCount: 24, draws: .keyed(seed: 5))
    let problems = try problems(0.15, model: expected, 60)
    let attack = PGD { $0.steps = 20 }
    // How often the points are wrong under draws that the attack has not seen.
    func share(_ attack: any Attack, _ model: any BatchedModel) async throws -> Double {
      let inputs = try await AttackRunner(model: model, seed: 2).trainingInputs(
        attack, on: problems)
      let judge = PreprocessedModel(Self.network, behind: rule, draws: .fresh(DrawCounter(seed: 8)))
      var wrong = 0
      for (worst, problem) in zip(inputs, problems) {
        for _ in 0..<40 where try label(of: worst.input, judge) != problem.label { wrong += 1 }
      }
      return Double(wrong) / Double(40 * problems.count)
    }
    // Many steps see many draws, one after the other; a single one needs the expectation.
    let naive = try await share(FGSM(), defended)
    let single = try await share(FGSM(), expected)
    let adaptive = try await share(attack, expected)
    #expect(single > naive + 0.02, "\(single) and \(naive)")
    #expect(adaptive > 0.8, "\(adaptive)")
    // Judged by the deployed defence, attacked through the expectation.
    let transferred = TransferModel(defended, through: [expected])
    let found = try await AttackRunner(model: transferred, seed: 2).run(attack, on: problems)
    #expect(
      found.count { $0.cleanMargin <= 0 && $0.adversarialExample != nil } > problems.count / 4)
  }

  @Test(arguments: [Loss.margin, .dlr])
  func `scaled outputs fall to losses without a scale`(_ loss: Loss) async throws {
    let scaled = ScaledModel(Self.network, factor: 1e6)
    let problems = try problems(0.1, model: Self.network)
    let attack = PGD {
      $0.steps = 20
      $0.loss = loss
    }
    let plain = try await broken(attack, Self.network, problems)
    #expect(plain > problems.count / 3)
    #expect(try await broken(attack, scaled, problems) == plain)
  }

  @Test func `a saturated softmax falls to the outputs before it`() async throws {
    let soft = SoftmaxModel(Self.network, temperature: 1e-3)
    let problems = try problems(0.1, model: Self.network)
    let attack = PGD {
      $0.steps = 20
      $0.randomStart = false
      $0.loss = .margin
    }
    let naive = try await broken(attack, soft, problems)
    let adaptive = try await broken(attack, TransferModel(soft, through: [Self.network]), problems)
    #expect(naive < problems.count / 8, "\(naive)")
    #expect(adaptive > problems.count / 3, "\(adaptive)")
  }
}
