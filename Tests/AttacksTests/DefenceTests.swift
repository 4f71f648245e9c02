import Attacks
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

  private func outputs(_ x: Tensor<Float>, _ model: any BatchedModel) throws -> Tensor<Float> {
    var outputs = [Float](repeating: 0, count: model.outputCount)
    try x.withUnsafeScalars { x in
      try outputs.withUnsafeMutableBufferPointer {
        try model.evaluateExactly(x, count: 1, outputs: $0)
      }
    }
    return Tensor(outputs, shape: [outputs.count])
  }

  private func label(of x: Tensor<Float>, _ model: any BatchedModel) throws -> Int {
    try outputs(x, model).indexOfMaximum ?? 0
  }

  private func broken(
    _ attack: any Attack, _ model: any BatchedModel, _ problems: [Problem]
  ) async throws -> Int {
    let outcomes = try await Shell(model: model, batch: 16, seed: 1).run(attack, on: problems)
    #expect(outcomes.allSatisfy { $0.failure == nil && $0.cleanMargin <= 0 })
    return outcomes.count { $0.witness != nil }
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
      let inputs = try await Shell(model: model, seed: 2).worstInputs(attack, on: problems)
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
    let found = try await Shell(model: transferred, seed: 2).run(attack, on: problems)
    #expect(found.count { $0.cleanMargin <= 0 && $0.witness != nil } > problems.count / 4)
  }

  @Test func `keyed draws depend on the input alone, fresh ones on nothing`() throws {
    let rule = RandomResize(least: 0.5)
    let keyed = PreprocessedModel(Self.network, behind: rule, drawCount: 3)
    let fresh = PreprocessedModel(Self.network, behind: rule, draws: .fresh(DrawCounter()))
    var randomness = Philox(key: 2)
    let rows = (0..<5).map { _ in randomness.uniforms(Self.network.inputShape) }
    let all = rows.flatMap(\.scalars)
    var outputs = [Float](repeating: 0, count: 20)
    try all.withUnsafeBufferPointer { all in
      try outputs.withUnsafeMutableBufferPointer {
        try keyed.evaluate(all, count: 5, outputs: $0)
      }
    }
    for (index, row) in rows.enumerated() {
      #expect(Array(outputs[4 * index..<4 * index + 4]) == (try self.outputs(row, keyed)).scalars)
      #expect(try self.outputs(row, fresh) != self.outputs(row, fresh))
    }
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

  @Test func `wrappers differentiate what they compute`() throws {
    let other = TwoLayers(inputShape: [2, 6, 6], hidden: 16, outputCount: 4, key: 44)
    let models: [(any BatchedModel, Double)] = [
      (ScaledModel(Self.network, factor: 3), 0.02),
      (SoftmaxModel(Self.network, temperature: 9), 0.05),
      (TransferModel(other, through: [Self.network, other]), 0.02),
      (TransferModel(other, through: [Self.network]), 0.02),
    ]
    var randomness = Philox(key: 7)
    for (model, tolerance) in models {
      let x = randomness.uniforms(model.inputShape)
      let slopes = randomness.normals([4])
      func value(_ x: Tensor<Float>) throws -> Double {
        var outputs = [Float](repeating: 0, count: 4)
        try x.withUnsafeScalars { x in
          try outputs.withUnsafeMutableBufferPointer {
            try model.evaluate(x, count: 1, outputs: $0)
          }
        }
        return zip(outputs, slopes.scalars).reduce(0) { $0 + Double($1.0) * Double($1.1) }
      }
      var gradient = [Float](repeating: 0, count: x.count)
      var outputs = [Float](repeating: 0, count: 4)
      try x.withUnsafeScalars { x in
        try gradient.withUnsafeMutableBufferPointer { gradient in
          try outputs.withUnsafeMutableBufferPointer { outputs in
            try model.differentiate(x, count: 1, outputs: outputs, gradients: gradient) {
              _ = $1.update(fromContentsOf: slopes.scalars)
            }
          }
        }
      }
      let scale = Double(gradient.map(\.magnitude).max() ?? 0)
      var bad = 0
      for index in 0..<x.count {
        var (up, down) = (x, x)
        up[index] += 1e-3
        down[index] -= 1e-3
        let slope = (try value(up) - value(down)) / Double(up[index] - down[index])
        if abs(slope - Double(gradient[index])) > tolerance * scale { bad += 1 }
      }
      // A hidden unit that switches within a step has no derivative there.
      #expect(bad <= 4, "\(bad)")
    }
  }
}
