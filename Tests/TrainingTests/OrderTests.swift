import Attacks
import Datasets
import Optimizers
import Robustness
import Synchronization
import Testing
import Training

/// The order of the examples, as an adversary sees them, and what follows from the seed.
@Suite struct OrderTests {
  private func recipe(_ attack: any Attack, seed: UInt64) throws -> Recipe {
    Recipe(
      epochs: 3, batchSize: 8, optimizer: Adam(), schedule: .constant(rate: 0.002), seed: seed,
      adversary: .init(attack, threat: try Ball(.infinity, radius: 0.1), description: "recorder"))
  }

  /// The indices that each epoch showed, in the order of its batches, sorted within each.
  private func batches(seed: UInt64) async throws -> [[[Int]]] {
    // A part that begins in the middle keeps the indices of the whole.
    let data = Digits.data(40).subset(10..<33)
    let attack = Recorder(attack: FGSM())
    let recipe = try recipe(attack, seed: seed)
    _ = try await Trainer(recipe).train(
      TrainingState(try Digits.network(), recipe: recipe), on: data)
    let indices = attack.log.entries.withLock { $0.map(\.index) }
    try #require(indices.count == 3 * 23)
    return (0..<3).map { epoch in
      let seen = Array(indices[epoch * 23..<(epoch + 1) * 23])
      return [0..<8, 8..<16, 16..<23].map { seen[$0].sorted() }
    }
  }

  @Test func eachEpochIsAnotherPermutation() async throws {
    let epochs = try await batches(seed: 4)
    for epoch in epochs { #expect(epoch.flatMap { $0 }.sorted() == Array(10..<33)) }
    #expect(Set(epochs).count == 3)
    #expect(epochs.allSatisfy { $0[0] != Array(10..<18) })
  }

  @Test func theSeedDeterminesTheOrder() async throws {
    let first = try await batches(seed: 4)
    let again = try await batches(seed: 4)
    let other = try await batches(seed: 5)
    #expect(first == again)
    #expect(first != other)
  }

  @Test func theSeedDeterminesTheNetwork() async throws {
    let data = Digits.data(23)
    func train(_ attack: any Attack, seed: UInt64) async throws -> TrainingState {
      let recipe = try recipe(attack, seed: seed)
      return try await Trainer(recipe).train(
        TrainingState(try Digits.network(), recipe: recipe), on: data)
    }
    for attack: any Attack in [FGSM { $0.randomStart = true }, PGD { $0.steps = 3 }] {
      let first = try await train(attack, seed: 1)
      let again = try await train(attack, seed: 1)
      let other = try await train(attack, seed: 2)
      #expect(first.bits == again.bits)
      #expect(first.bits != other.bits)
    }
  }
}
