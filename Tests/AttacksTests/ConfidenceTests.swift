import Attacks
import Models
import Robustness
import Tensors
import Testing

/// What every attack that sees scores does where the goal is that the model is sure; a new row inherits these tests.
@Suite(.serialized) struct ConfidenceTests {
  private static let shape: Shape = [2, 3, 4]
  private static let network = TwoLayers(inputShape: shape, hidden: 16, outputCount: 5, key: 21)
  private static let seeing = Selected.rows.filter { $0.knowledge > .labels }

  /// The softmax of the outputs, by definition.
  private func probabilities(_ x: Tensor<Float>) throws -> [Double] {
    var outputs = [Float](repeating: 0, count: 5)
    try x.scalars.withUnsafeBufferPointer { x in
      try outputs.withUnsafeMutableBufferPointer {
        try Self.network.evaluate(x, count: 1, outputs: $0)
      }
    }
    let powers = outputs.map { Double.exp(Double($0)) }
    return powers.map { $0 / powers.reduce(0, +) }
  }

  private func problems(_ norm: Norm, targeted: Bool, _ c: Double) throws -> [Problem] {
    var randomness = Philox(key: 4)
    return try (0..<12).map { index in
      let x = randomness.uniforms(Self.shape)
      let label = try Self.network.label(of: x)
      let target = (label + 1 + index % 4) % 5
      return try Problem(
        index: index, input: x, label: label,
        threat: try Ball(norm, radius: Sizes.radius(2, norm)),
        goal: targeted ? .reach(target, confidence: c) : .avoid(label, confidence: c))
    }
  }

  @Test(arguments: seeing, Norm.allCases)
  func `what counts is as sure as asked, and what falls short is told apart`(
    _ row: CatalogueRow, _ norm: Norm
  ) async throws {
    guard row.norms.contains(norm) else { return }
    let attack = try row.attack(row.trial)
    var sure = 0
    for targeted in [false, true] {
      let c = 0.9
      let problems = try problems(norm, targeted: targeted, c)
      let outcomes = try await AttackRunner(model: Self.network, seed: 3).run(attack, on: problems)
      for (outcome, problem) in zip(outcomes, problems) {
        #expect(outcome.failure == nil)
        if let found = outcome.adversarialExample {
          let shares = try probabilities(found.input)
          let seen = try #require(found.prediction)
          #expect(shares[seen] > c - 1e-6 && seen != problem.label)
          #expect(problem.goal.targetClass ?? seen == seen)
          #expect(outcome.lessSure == nil)
          sure += 1
        } else if let short = outcome.lessSure {
          let shares = try probabilities(short.input)
          let seen = try #require(short.prediction)
          #expect(shares[seen] <= c && seen != problem.label && shares.max() == shares[seen])
          // No point of the search was surer.
          let most = Confidence(c).probability(atMargin: outcome.margin)
          #expect(abs(most - shares[seen]) < 1e-4)
        }
      }
    }
    if row.search == .maximumLoss, row.knowledge == .gradients, norm == .infinity {
      #expect(sure > 0)
    }
  }

  @Test(arguments: Selected.rows.filter { $0.knowledge == .labels })
  func `attacks from labels are refused by name`(_ row: CatalogueRow) async throws {
    let problems = try problems(row.norms[0], targeted: false, 0.9)
    await #expect(throws: AttackRunnerError.confidence(attack: row.name)) {
      try await AttackRunner(model: Self.network).run(try row.attack(row.trial), on: problems)
    }
  }

  // On an affine model of two classes the probability exceeds c beyond a hyperplane, so the nearest point is known.
  @Test(arguments: [0.5, 0.9, 0.999])
  func `searches of the nearest point find that of the closed form`(_ c: Double) async throws {
    var randomness = Philox(key: 31)
    let weights = randomness.normals([2, 24])
    let slopes = (0..<24).map { Double(weights[24 + $0]) - Double(weights[$0]) }
    let x = Tensor<Float>(repeating: 0.5, shape: [1, 4, 6])
    let clean = slopes.reduce(0) { $0 + $1 * 0.5 }
    let model = AffineModel(
      inputShape: x.shape, weights: weights, biases: Tensor([Float(clean + 0.5), 0], shape: [2]))
    let length = slopes.reduce(0) { $0 + $1 * $1 }.squareRoot()
    let nearest = (0.5 + Double.log(c / (1 - c))) / length
    for name in ["deepfool", "fab", "ddn", "lbfgs", "cw"] {
      guard let row = Selected.rows.first(where: { $0.name == name }) else { continue }
      let problem = try Problem(
        index: 0, input: x, label: 0, threat: try Ball(.two, radius: 3 * nearest),
        goal: .avoid(0, confidence: c), earlyStopping: false)
      let outcome = try #require(
        await AttackRunner(model: model).run(try row.attack([:]), on: [problem]).first)
      let distance = try #require(outcome.nearest?.distance, "\(name)")
      #expect(distance >= nearest * (1 - 1e-5) && distance <= nearest * 1.1, "\(name) \(distance)")
    }
  }
}
