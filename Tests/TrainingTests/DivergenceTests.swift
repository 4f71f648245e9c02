import Attacks
import Files
import Foundation
import Networks
import Optimizers
import Robustness
import Tensors
import Testing
import Training

@Suite struct DivergenceTests {
  private func recipe(
    _ schedule: Schedule, _ optimizer: any Optimizer, _ adversary: Recipe.Adversary? = nil
  ) -> Recipe {
    Recipe(
      epochs: 4, batchSize: 8, optimizer: optimizer, schedule: schedule, seed: 3,
      adversary: adversary)
  }

  @Test func anAbsurdRateIsNoticed() async throws {
    let pgd = Recipe.Adversary(
      PGD { $0.steps = 2 }, threat: try Ball(.infinity, radius: 0.1), description: "pgd")
    for optimizer: any Optimizer in [SGD(), Adam()] {
      for adversary in [nil, pgd] {
        let recipe = recipe(.constant(rate: 1e30), optimizer, adversary)
        var finished = 0
        let error = await #expect(throws: TrainingError.self) {
          try await Trainer(recipe).train(
            TrainingState(try Digits.network(), recipe: recipe), on: Digits.data(20),
            onEpoch: { _ in finished += 1 })
        }
        guard case .diverged(let epoch, let step, let rate) = error else {
          Issue.record("\(String(describing: error)) is no divergence")
          continue
        }
        #expect(epoch == finished + 1 && step <= 4 && rate == 1e30)
        #expect(
          error?.description
            == "training diverged in epoch \(epoch) at step \(step) (learning rate 1e+30): the loss is not finite;"
            + " try a smaller rate")
      }
    }
  }

  /// The rate jumps after half of the training, when two epochs were kept.
  @Test func theLastGoodEpochIsKept() async throws {
    let recipe = recipe(.steps(rate: 0.01, at: [0.5], factor: 1e35), SGD())
    let path = NSTemporaryDirectory() + "/diverged-" + UUID().uuidString
    defer { try? FileManager.default.removeItem(atPath: path) }
    var last: TrainingState?
    let data = Digits.data(20)
    let error = await #expect(throws: TrainingError.self) {
      try await Trainer(recipe).train(
        TrainingState(try Digits.network(), recipe: recipe), on: data,
        onEpoch: { state in
          try state.file(recipe, isFinished: false).write(to: path)
          last = state
        })
    }
    guard case .diverged(let epoch, let step, _) = error else {
      Issue.record("\(String(describing: error)) is no divergence")
      return
    }
    #expect(epoch == 3 && 7...8 ~= step)
    let kept = try TrainingState(
      resuming: NetworkFile(path: path), named: path, architecture: "mnist-small", recipe: recipe,
      data: data)
    #expect(kept.epochs.count == 2)
    #expect(kept.bits == last?.bits)
    #expect(
      kept.network.parameters.values.allSatisfy { $0.scalars.allSatisfy { abs($0) < 100 } })
  }
}
