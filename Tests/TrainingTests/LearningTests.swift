import Attacks
import Datasets
import Networks
import Optimizers
import Robustness
import Testing
import Training

/// A small real task: networks learn it, and learn it robustly against an adversary.
@Suite struct LearningTests {
  @Test func digitsAreLearned() async throws {
    let data = try MNIST.load(.test).subset(0..<800)
    let ball = try Ball(.infinity, radius: 0.1)
    // Each is measured by an attack that neither was trained against.
    let measure = MeasurementPlan(
      data, attackedCount: 150,
      adversary: .init(PGD { $0.steps = 10 }, threat: ball, description: "pgd"))
    func train(_ adversary: Recipe.Adversary?) async throws -> TrainingState {
      let recipe = Recipe(
        epochs: 3, batchSize: 10, optimizer: Adam(), schedule: .cyclic(rate: 0.004, peak: 0.4),
        seed: 1, adversary: adversary)
      return try await Trainer(recipe, validation: measure).train(
        TrainingState(try Digits.network(), recipe: recipe), on: data)
    }
    let plain = try await train(nil)
    let robust = try await train(
      .init(
        FGSM {
          $0.randomStart = true
          $0.stepSize = 0.125
        }, threat: ball, description: "fast"))
    #expect(plain.epochs.map(\.loss) == plain.epochs.map(\.loss).sorted(by: >))
    #expect(robust.epochs.map(\.loss) == robust.epochs.map(\.loss).sorted(by: >))
    for epoch in [plain.epochs[2], robust.epochs[2]] {
      #expect(try #require(epoch.validationAccuracy) > 0.8)
      #expect(try #require(epoch.robustAccuracy) < (try #require(epoch.validationAccuracy)))
    }
    let gain =
      try #require(robust.epochs[2].robustAccuracy) - #require(plain.epochs[2].robustAccuracy)
    #expect(gain > 0.1, "\(plain.epochs[2]), \(robust.epochs[2])")
  }
}
