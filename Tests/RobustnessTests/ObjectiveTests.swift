import Models
import Robustness
import Tensors
import Testing

@Suite struct ObjectiveTests {
  private func differentiate(
    _ objective: any Objective, _ outputs: Tensor<Float>
  ) -> (value: Double, cotangent: [Float]) {
    var cotangent = [Float](repeating: .nan, count: outputs.count)
    let value = outputs.withUnsafeScalars { outputs in
      cotangent.withUnsafeMutableBufferPointer { objective.value(of: outputs, cotangent: $0) }
    }
    return (value, cotangent)
  }

  private static let cases: [(Loss, Goal, Int)] = [
    (.crossEntropy, .avoid(1), 5), (.crossEntropy, .reach(2), 5), (.crossEntropy, .avoid(0), 2),
    (.crossEntropy, .avoid(singleLogit: 0), 1), (.crossEntropy, .avoid(singleLogit: 1), 1),
    (.margin, .avoid(1), 5), (.margin, .reach(0), 5), (.margin, .avoid(singleLogit: 1), 1),
    (.margin, .leave(-1...1), 1), (.margin, .avoid(multiLabel: [true, false, true]), 3),
    (.margin, .reach(2, confidence: 0.9), 5), (.margin, .avoid(1, confidence: 0.99), 5),
    (.margin, .reach(0, confidence: Confidence(0.6, of: .probabilities)), 4),
    (.crossEntropy, .avoid(1, confidence: 0.9), 5), (.crossEntropy, .reach(1, confidence: 0.9), 5),
    (.dlr, .avoid(1), 3), (.dlr, .avoid(4), 7), (.dlr, .reach(2), 4), (.dlr, .reach(0), 7),
  ]

  @Test(arguments: cases)
  func `the cotangent is the derivative`(_ loss: Loss, _ goal: Goal, _ count: Int) throws {
    let objective = try loss.objective(for: goal, outputCount: count)
    var randomness = Philox(key: 77)
    for _ in 0..<40 {
      let outputs = randomness.normals([count]).map { 3 * $0 }
      // Differences near a kink mean nothing.
      let sorted = outputs.scalars.sorted()
      if zip(sorted, sorted.dropFirst()).contains(where: { $1 - $0 < 0.05 }) { continue }
      if count == 3, outputs.scalars.contains(where: { abs($0) < 0.05 }) { continue }
      let magnitudes = outputs.scalars.map(abs).sorted()
      if zip(magnitudes, magnitudes.dropFirst()).contains(where: { $1 - $0 < 0.05 }) { continue }
      if count == 1, abs(outputs[0]) < 0.05 { continue }
      let (value, cotangent) = differentiate(objective, outputs)
      #expect(objective.value(of: outputs) == value)
      for index in 0..<count {
        var (up, down) = (outputs, outputs)
        up[index] += 1e-2
        down[index] -= 1e-2
        let slope =
          (objective.value(of: up) - objective.value(of: down))
          / (Double(up[index]) - Double(down[index]))
        #expect(abs(slope - Double(cotangent[index])) < 2e-3 * max(1, abs(slope)))
      }
    }
  }

  @Test func `cross-entropy agrees with its definition and sums to zero`() throws {
    let outputs = Tensor<Float>([0.5, -1, 2], shape: [3])
    let sum = outputs.scalars.reduce(0) { $0 + Double.exp(Double($1)) }
    let objective = try Loss.crossEntropy.objective(for: .avoid(0), outputCount: 3)
    #expect(abs(objective.value(of: outputs) - (Double.log(sum) - 0.5)) < 1e-12)
    let target = try Loss.crossEntropy.objective(for: .reach(0), outputCount: 3)
    #expect(abs(target.value(of: outputs) + (Double.log(sum) - 0.5)) < 1e-12)
    #expect(abs(differentiate(objective, outputs).cotangent.reduce(0, +)) < 1e-6)
  }

  @Test(arguments: [10, 40, 90, 200, 800, 3e5, 3e38] as [Float])
  func `a confident model keeps its gradient`(_ gap: Float) throws {
    let outputs = Tensor<Float>([gap, 0, 1, -2], shape: [4])
    for loss in Loss.allCases {
      let (value, cotangent) = differentiate(
        try loss.objective(for: .avoid(0), outputCount: 4), outputs)
      #expect(value.isFinite)
      #expect(cotangent[2] >= 0x1p-70 && cotangent[2].isFinite)
      // The ratio truly ceases to depend on the largest output as that grows.
      #expect(cotangent[0] <= (loss == .dlr ? 0 : -0x1p-70) && cotangent[0].isFinite)
    }
    let (_, cotangent) = differentiate(
      try Loss.crossEntropy.objective(for: .avoid(0), outputCount: 4), outputs)
    // The ratios are those of the true derivative, not those of its rounded values.
    #expect(abs(Double(cotangent[1] / cotangent[2]) - Double.exp(-1)) < 1e-6)
    #expect(abs((cotangent[1] + cotangent[2] + cotangent[3]) / cotangent[0] + 1) < 1e-6)
    let single = differentiate(
      try Loss.crossEntropy.objective(for: .avoid(singleLogit: 1), outputCount: 1),
      Tensor([gap], shape: [1]))
    #expect(single.cotangent[0] <= -0x1p-70)
  }

  @Test func `NaN gives a NaN value and no direction; infinities give no NaN`() throws {
    for loss in Loss.allCases {
      let objective = try loss.objective(for: .avoid(0), outputCount: 4)
      let (value, cotangent) = differentiate(objective, Tensor([1, .nan, 0, 2], shape: [4]))
      #expect(value.isNaN)
      #expect(cotangent == [0, 0, 0, 0])
      for outputs: [Float] in [
        [.infinity, 0, 1, 2], [0, .infinity, 1, 2], [.infinity, .infinity, 0, 1],
        [-.infinity, -.infinity, -.infinity, -.infinity], [0, -.infinity, -.infinity, -.infinity],
      ] {
        let (_, cotangent) = differentiate(objective, Tensor(outputs, shape: [4]))
        #expect(cotangent.allSatisfy { $0.isFinite })
      }
    }
  }

  @Test func `a form that is not defined is refused`() {
    #expect(throws: ObjectiveError.tooFewOutputs(.dlr, needed: 3, given: 2)) {
      try Loss.dlr.objective(for: .avoid(0), outputCount: 2)
    }
    #expect(throws: ObjectiveError.tooFewOutputs(.dlr, needed: 4, given: 3)) {
      try Loss.dlr.objective(for: .reach(0), outputCount: 3)
    }
    #expect(throws: ObjectiveError.self) {
      try Loss.crossEntropy.objective(for: .leave(0...1), outputCount: 1)
    }
  }

  @Test(arguments: [1, 4, 128])
  func `gradients of objectives are those of each example alone`(batch: Int) async throws {
    var randomness = Philox(key: 78)
    let model = AffineModel(
      inputShape: [2, 3], weights: randomness.normals([5, 6]), biases: randomness.normals([5]))
    let inputs = randomness.uniforms([9, 2, 3])
    let objectives = try (0..<9).map {
      try Loss.crossEntropy.objective(for: .avoid($0 % 5), outputCount: 5)
    }
    let (outputs, gradients) = try await model.gradients(at: inputs, of: objectives, batch: batch)
    for (row, objective) in objectives.enumerated() {
      let alone = try model.differentiate(inputs.row(row)) {
        Tensor(differentiate(objective, $0).cotangent, shape: [1, 5])
      }
      #expect(outputs.row(row) == alone.outputs.row(0) && gradients.row(row) == alone.gradients)
    }
  }
}
