import Attacks
import Certificates
import Datasets
import Engine
import Graphs
import Models
import Networks
import Optimizers
import Robustness
import Synchronization
import Tensors
import Testing
import Training

/// The best epoch by what was held out is the result, and the last is kept beside it.
@Suite struct SelectionTests {
  private let data = Digits.data(64)
  private let heldOut = Digits.data(40, seed: 5)

  private func recipe(_ epochs: Int = 6, rate: Double = 0.01) -> Recipe {
    Recipe(
      epochs: epochs, batchSize: 16, optimizer: Adam(), schedule: .constant(rate: rate), seed: 3)
  }

  private func accuracy(_ network: Network) async throws -> Double {
    let predictions = try await CompiledNetwork(network).predictions(on: heldOut)
    return Double(zip(predictions, heldOut.labels).count { $0 == $1 }) / Double(heldOut.count)
  }

  @Test func theBestEpochIsTheResult() async throws {
    // A rate that jumps about.
    let recipe = recipe(8, rate: 0.03)
    var networks: [Network] = []
    let end = try await Trainer(recipe, selection: MeasurementPlan(heldOut)).train(
      TrainingState(try Digits.network(), recipe: recipe), on: data,
      onEpoch: { networks.append($0.network) })
    let shares = end.epochs.compactMap { $0.heldOut?.natural }
    #expect(shares.count == 8)
    let best = try #require(end.bestEpoch)
    #expect(shares[best - 1] == shares.max())
    #expect(best == (shares.firstIndex(of: shares.max() ?? 0) ?? -1) + 1)
    #expect(end.trainedNetwork.parameters == networks[best - 1].parameters)
    #expect(end.lastNetwork.parameters == networks[7].parameters)
    #expect(try await accuracy(end.trainedNetwork) == shares[best - 1])
    let file = end.file(recipe, isFinished: true)
    #expect(file.network.parameters == end.trainedNetwork.parameters)
    #expect(file.history["selected"] == "epoch \(best) of 8")
  }

  @Test func verifiedComesBeforeRobustComesBeforeNatural() {
    func measured(
      _ natural: Double, _ robust: Double? = nil, verified: Double? = nil
    ) -> Measurement {
      Measurement(natural: natural, robust: robust, oneStep: nil, verified: verified)
    }
    #expect(measured(0.8).isBetter(than: measured(0.7)))
    #expect(!measured(0.8).isBetter(than: measured(0.8)))
    #expect(measured(0.8, 0.5).isBetter(than: measured(0.9, 0.4)))
    #expect(measured(0.8, 0.4).isBetter(than: measured(0.7, 0.4)))
    #expect(measured(0.8, 0.4, verified: 0.3).isBetter(than: measured(0.9, 0.6, verified: 0.2)))
  }

  @Test("what is measured is what the attack, one step and the bounds say of the network")
  func measurements() async throws {
    let recipe = recipe(2)
    let ball = try Ball(.infinity, radius: 0.002)
    let several = Recipe.Adversary(PGD { $0.steps = 5 }, threat: ball, description: "several")
    let one = Recipe.Adversary(FGSM(), threat: ball, description: "one")
    let plan = MeasurementPlan(
      heldOut, attackedCount: 30, adversary: several, oneStep: one, verified: ball)
    let end = try await Trainer(recipe, selection: plan).train(
      TrainingState(try Digits.network(), recipe: recipe), on: data)
    let found = try #require(end.epochs.last?.heldOut)
    let network = end.lastNetwork
    #expect(try await accuracy(network) == found.natural)
    let model = try CompiledNetwork(network)
    for (adversary, share) in [(several, found.robust), (one, found.oneStep)] {
      let problems = try heldOut.subset(offset: 0, count: 30).examples.map {
        try Problem(index: $0.index, input: $0.input, label: $0.label, threat: ball)
      }
      let outcomes = try await AttackRunner(model: model, seed: recipe.seed).run(
        adversary.attack, on: problems)
      #expect(share == Double(outcomes.count { $0.robust }) / 30)
    }
    let bounds = try VerifiedBounds(network.graph, parameters: network.parameters)
    let verified = try heldOut.examples.count {
      let box = EnclosingBox(around: $0.input, radius: 0.002, within: 0...1)
      return VerifiedBounds.isVerified(bounds.margins(of: box, label: $0.label), label: $0.label)
    }
    #expect(found.verified == Double(verified) / 40)
    #expect(verified > 0)
  }

  @Test func withoutProgressTrainingEnds() async throws {
    var recipe = recipe(9, rate: 0)
    recipe.patience = 2
    let end = try await Trainer(recipe, selection: MeasurementPlan(heldOut)).train(
      TrainingState(try Digits.network(), recipe: recipe), on: data)
    #expect(end.epochs.count == 3)
    #expect(end.bestEpoch == 1)
    #expect(end.ending == .patience)
    #expect(end.isFinished(recipe))
  }

  @Test func whenTheTimeIsOverTrainingEndsWithWhatItHas() async throws {
    let recipe = recipe()
    var trainer = Trainer(recipe, selection: MeasurementPlan(heldOut))
    trainer.timeLimit = .zero
    let end = try await trainer.train(
      TrainingState(try Digits.network(), recipe: recipe), on: data)
    #expect(end.step == 1)
    #expect(end.ending == .time)
    #expect(end.isFinished(recipe))
    #expect(end.epochs.count == 1)
    #expect(end.seconds > 0)
    #expect(try await accuracy(end.trainedNetwork) == end.epochs[0].heldOut?.natural)
  }

  @Test func anEmptyPartHeldOutIsRefused() async throws {
    let recipe = recipe()
    let trainer = Trainer(
      recipe, selection: MeasurementPlan(heldOut.subset(offset: 0, count: 0)))
    await #expect(throws: TrainingError.data("squares: the part held out has no examples")) {
      try await trainer.train(TrainingState(try Digits.network(), recipe: recipe), on: data)
    }
  }

  @Test(
    "a collapse ends the training, is told, or takes it back to the best epoch",
    arguments: CollapseReaction.allCases)
  func reactions(reaction: CollapseReaction) async throws {
    var recipe = recipe(5)
    recipe.reaction = reaction
    // Shares that attacks on their own report: the attack of several steps wins from the second epoch on.
    let ball = try Ball(.infinity, radius: 0.9)
    let epochs = Counting()
    let several = Recipe.Adversary(
      Switching(epochs: epochs), threat: ball, description: "switching")
    let one = Recipe.Adversary(Staying(), threat: ball, description: "staying")
    let plan = MeasurementPlan(heldOut, attackedCount: 40, adversary: several, oneStep: one)
    var kept: [TrainingState] = []
    let end = try await Trainer(recipe, selection: plan).train(
      TrainingState(try Digits.network(), recipe: recipe), on: Digits.data(400),
      onEpoch: {
        kept.append($0)
        epochs.count.add(1, ordering: .relaxed)
      })
    #expect(end.collapses.map(\.epoch) == [3])
    let best = try #require(end.bestEpoch)
    #expect(1...2 ~= best)
    switch reaction {
    case .stop:
      #expect(end.epochs.count == 3)
      #expect(end.ending == end.collapses.first.map { .collapse($0) })
      #expect(end.trainedNetwork.parameters == kept[best - 1].network.parameters)
    case .rewind:
      #expect(end.epochs.count == 5)
      #expect(kept[2].network.parameters == kept[best - 1].network.parameters)
      #expect(kept[3].network.parameters != kept[2].network.parameters)
    case .continue:
      #expect(end.epochs.count == 5)
      #expect(end.ending == nil)
    }
  }
}

/// Counts epochs.
private final class Counting: Sendable {
  let count = Atomic<Int>(0)
}

/// Leaves every example as it is.
private struct Staying: Attack {
  static let name = "staying"
  static let knowledge = Knowledge.gradients

  var budget: Passes { .zero }

  func maximize(_ problem: Problem, using oracle: Oracle) async throws -> Candidate {
    Candidate(try problem.region.center)
  }
}

/// Leaves examples as they are in the first two epochs, and empties them afterwards.
private struct Switching: Attack {
  static let name = "switching"
  static let knowledge = Knowledge.gradients

  let epochs: Counting

  var budget: Passes { .zero }

  func maximize(_ problem: Problem, using oracle: Oracle) async throws -> Candidate {
    let region = try problem.region
    if epochs.count.load(ordering: .relaxed) < 2 { return Candidate(region.center) }
    return Candidate(region.projection(of: Tensor(repeating: 0.5, shape: region.center.shape)))
  }
}
