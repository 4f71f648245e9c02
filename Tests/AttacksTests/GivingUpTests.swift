import Attacks
import Models
import Robustness
import Tensors
import Testing

/// Searches that end early because they will not get there in time.
@Suite(.serialized) struct GivingUpTests {
  private let network = TwoLayers(inputShape: [3, 8, 8], hidden: 16, outputCount: 5, key: 21)

  private func problems(
    _ norm: Norm, radius: Double, count: Int = 60
  ) throws -> [Problem] {
    var randomness = Philox(key: 4)
    return try (0..<count).map {
      let x = randomness.uniforms(network.inputShape)
      let label = try network.label(of: x)
      return try Problem(
        index: $0, input: x, label: label, threat: try Ball(norm, radius: radius),
        goal: .avoid(label), earlyStopping: true)
    }
  }

  /// A search that may give up and the same that may not, on radii from hopeless to easy.
  @Test(arguments: [Norm.infinity, .two])
  func `Square goes the same way until it gives up`(_ norm: Norm) async throws {
    try await compare(
      Square {
        $0.queries = 600
        $0.patience = 50
      }, Square { $0.queries = 600 }, norm, shares: [0.001, 0.02, 0.1, 1])
  }

  @Test(arguments: [Norm.infinity, .two], [Loss.dlr, .margin])
  func `targeted APGD goes the same way until it gives up`(
    _ norm: Norm, _ loss: Loss
  ) async throws {
    try await compare(
      APGD {
        $0.loss = loss
        $0.targets = 4
        $0.givesUp = true
      },
      APGD {
        $0.loss = loss
        $0.targets = 4
      }, norm,
      shares: [0.001, 0.02, 0.1, 1])
  }

  private func compare(
    _ hasty: any Attack, _ patient: any Attack, _ norm: Norm, shares: [Double]
  ) async throws {
    let runner = AttackRunner(model: network)
    var lost = 0
    for share in shares {
      let problems = try problems(norm, radius: Sizes.radius(share, norm))
      let early = try await runner.run(hasty, on: problems)
      let late = try await runner.run(patient, on: problems)
      for (early, late) in zip(early, late) {
        #expect(early.passes.forward <= late.passes.forward)
        if late.robust { #expect(early.robust) } else if early.robust { lost += 1 }
      }
      let passes = (early.map(\.passes.forward), late.map(\.passes.forward))
      if share == shares[0] {
        #expect(2 * passes.0.reduce(0, +) < passes.1.reduce(0, +), "nothing is saved")
      }
      if share == shares.last { #expect(late.count { !$0.robust } > 20) }
    }
    // Of 240.
    #expect(lost <= 2)
  }

  @Test(arguments: ["square", "apgd"])
  func `where the landscape is flat nothing is given up`(_ name: String) async throws {
    let flat = AffineModel(
      inputShape: [3, 8, 8], weights: .zeros([5, 192]), biases: Tensor([1, 0, 0, 0, 0], shape: [5]))
    let attack: any Attack =
      name == "square"
      ? Square {
        $0.queries = 300
        $0.patience = 10
      }
      : APGD {
        $0.loss = .dlr
        $0.targets = 4
        $0.givesUp = true
      }
    let x = Tensor<Float>(repeating: 0.5, shape: [3, 8, 8])
    let problem = try Problem(
      index: 0, input: x, label: 0, threat: try Ball(.infinity, radius: 0.1))
    let outcome = try #require(try await AttackRunner(model: flat).run(attack, on: [problem]).first)
    #expect(outcome.failure == nil && outcome.robust)
    #expect(outcome.passes.forward >= (name == "square" ? 300 : 4 * 101))
  }

  @Test func `FAB gives up classes that are out of reach, or that come no nearer`() async throws {
    let problems = try problems(.two, radius: 1e-4)
    let runner = AttackRunner(model: network)
    for outcome in try await runner.run(FAB { $0.reach = 2 }, on: problems) {
      #expect(outcome.robust && (20...36).contains(outcome.passes.backward))
    }
    for outcome in try await runner.run(FAB { $0.patience = 10 }, on: problems) {
      #expect(outcome.robust && outcome.passes.backward < 300)
      #expect(outcome.passes.backward >= 40)
    }
  }
}
