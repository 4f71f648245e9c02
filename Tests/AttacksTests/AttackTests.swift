import Attacks
import Models
import Robustness
import Tensors
import Testing

@Suite struct AttackTests {
  private let network = TwoLayers(inputShape: [24], hidden: 16, outputCount: 5, key: 21)

  private func problems(_ threat: Ball, count: Int = 60) throws -> [Problem] {
    var randomness = Philox(key: 4)
    return try (0..<count).map {
      let x = randomness.uniforms([24])
      return try Problem(index: $0, input: x, label: try network.label(of: x), threat: threat)
    }
  }

  @Test(arguments: Norm.allCases)
  func `noise has the size that was asked for, after the bounds`(_ norm: Norm) async throws {
    let radius = Sizes.radius(0.4, norm)
    let ball = try Ball(norm, radius: radius)
    let problems = try problems(ball)
    let inputs = try await AttackRunner(model: network).trainingInputs(RandomNoise(), on: problems)
    for (worst, problem) in zip(inputs, problems) {
      let size = try problem.region.distance(of: worst.input)
      #expect(size <= radius && size >= radius * (1 - 1e-6))
    }
    #expect(Set(inputs.map { AdversarialExample.hash(of: $0.input) }).count == inputs.count)
  }

  @Test(arguments: [Norm.infinity, .two])
  func `every objective and momentum breaks what noise does not`(_ norm: Norm) async throws {
    let ball = try Ball(norm, radius: norm == .infinity ? 0.08 : 0.3)
    let problems = try problems(ball, count: 100)
    let runner = AttackRunner(model: network, seed: 1)
    func broken(_ attack: any Attack) async throws -> Int {
      try await runner.run(attack, on: problems).count { $0.adversarialExample != nil }
    }
    let noise = try await broken(RandomNoise { $0.samples = 20 })
    for loss in Loss.allCases {
      for momentum in [0, 0.9] {
        let pgd = try await broken(
          PGD {
            $0.restarts = 2
            $0.momentum = momentum
            $0.loss = loss
          })
        #expect(pgd > noise + 10, "\(loss) \(momentum): \(pgd), noise \(noise)")
      }
      let fast = try await broken(
        FGSM {
          $0.loss = loss
          $0.randomStart = true
        })
      #expect(fast > noise, "\(loss): \(fast), noise \(noise)")
    }
  }

  @Test func `a confident model does not stop the sign step`() async throws {
    let model = AffineModel(
      inputShape: [4], weights: Tensor([900, -900, 900, 900, 0, 0, 0, 0], shape: [2, 4]),
      biases: Tensor([0, 1000], shape: [2]))
    let problem = try Problem(
      index: 0, input: Tensor([1, 0, 1, 1], shape: [4]), label: 0,
      threat: try Ball(.infinity, radius: 0.5))
    let outcomes = try await AttackRunner(model: model).run(FGSM(), on: [problem])
    #expect(outcomes.first?.cleanMargin == -1700)
    #expect(outcomes.first?.adversarialExample?.margin == 100)
  }

  @Test func `a DLR that is not defined is reported with each row`() async throws {
    let model = AffineModel(
      inputShape: [2], weights: Tensor([1, 0, 0, 1], shape: [2, 2]), biases: .zeros([2]))
    let problem = try Problem(
      index: 0, input: Tensor([1, 0], shape: [2]), label: 0, threat: try Ball(.two, radius: 0.5))
    let outcomes = try await AttackRunner(model: model).run(PGD { $0.loss = .dlr }, on: [problem])
    let failure = try #require(outcomes.first?.failure)
    #expect(failure.description.contains("needs at least 3 outputs"))
  }
}
