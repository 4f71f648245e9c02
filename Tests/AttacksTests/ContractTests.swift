import Attacks
import Models
import Robustness
import Tensors
import Testing

/// What every attack of the catalogue must do; a new row inherits these tests.
///
/// Inputs are channels x height x width throughout, since some attacks are about pictures. One case at a time: each
/// has threads of its own, and a thousand at once would mostly wait for each other.
@Suite(.serialized) struct ContractTests {
  private static let shape: Shape = [2, 3, 4]
  private static let network = TwoLayers(inputShape: shape, hidden: 16, outputCount: 5, key: 21)

  /// Problems on the network, as easy as the radius is large; every third touches the bounds.
  private func problems(
    _ count: Int, _ norm: Norm, radius: Double, targeted: Bool = false
  ) throws -> [Problem] {
    var randomness = Philox(key: 4)
    return try (0..<count).map { index in
      var x = randomness.uniforms(Self.shape)
      if index % 3 == 0 { x = x.map { $0 < 0.5 ? 0 : 1 } }
      let label = try Self.network.label(of: x)
      let target = (label + 1 + index % 4) % 5
      return try Problem(
        index: index, input: x, label: label, threat: try Ball(norm, radius: radius),
        goal: targeted ? .reach(target) : .avoid(label))
    }
  }

  /// The definition of a valid adversarial example, in code that shares nothing with the runner's.
  private func check(_ outcome: Outcome, _ problem: Problem, _ norm: Norm, _ radius: Double) throws
  {
    #expect(outcome.index == problem.index && outcome.failure == nil)
    #expect(outcome.margin >= outcome.cleanMargin)
    #expect(outcome.prediction == problem.label)
    guard let adversarialExample = outcome.adversarialExample else { return }
    let moves = zip(adversarialExample.input.scalars, problem.input.scalars).map {
      Double($0) - Double($1)
    }
    let size = Sizes.size(of: moves, norm, shape: problem.input.shape)
    #expect(size <= radius)
    #expect(abs(adversarialExample.distance - size) <= 1e-12 * max(radius, 1))
    #expect(adversarialExample.input.scalars.allSatisfy { $0 >= 0 && $0 <= 1 })
    #expect(adversarialExample.input.shape == problem.input.shape)
    let label = try Self.network.label(of: adversarialExample.input)
    #expect(label == adversarialExample.prediction)
    if problem.goal == .avoid(problem.label ?? -1) {
      #expect(label != problem.label)
    } else {
      #expect(problem.goal == .reach(label))
    }
    #expect(adversarialExample.margin > 0 && !outcome.robust)
    #expect(adversarialExample.hash == AdversarialExample.hash(of: adversarialExample.input))
  }

  @Test(arguments: Selected.rows, Norm.allCases)
  func `adversarial examples are valid, passes are counted, budgets are kept`(
    _ row: CatalogueRow, _ norm: Norm
  ) async throws {
    guard row.norms.contains(norm) else { return }
    let attack = try row.attack(row.trial)
    var broken = 0
    for radius in [0.02, 0.3, 2].map({ Sizes.radius($0, norm) }) {
      for targeted in [false, true] {
        let model = Counting(Self.network)
        // More than are under way at once, of which there are three batches.
        let problems = try problems(20, norm, radius: radius, targeted: targeted)
        let outcomes = try await AttackRunner(model: model, batch: 6, seed: 3).run(
          attack, on: problems)
        for (outcome, problem) in zip(outcomes, problems) {
          try check(outcome, problem, norm, radius)
          // The clean pass, a pass per candidate and one for a better point passed on the way.
          let own = Passes(forward: 1 + 2 * attack.restarts)
          let most = (0..<attack.restarts).reduce(own) { total, _ in total + attack.budget }
          #expect(outcome.passes.fits(within: most))
        }
        #expect(outcomes.reduce(.zero) { $0 + $1.passes } == model.spent)
        broken += outcomes.count { $0.adversarialExample != nil }
      }
    }
    #expect(broken > 0)
  }

  @Test(arguments: Selected.rows, Norm.allCases)
  func `results depend on the seed alone`(_ row: CatalogueRow, _ norm: Norm) async throws {
    guard row.norms.contains(norm) else { return }
    let attack = try row.attack(row.trial)
    // More than three batches of the reference, which are under way at once.
    let hopeless = try problems(20, norm, radius: Sizes.radius(0.02, norm))
    let problems = try problems(20, norm, radius: Sizes.radius(0.25, norm))
      .map { $0.index % 5 == 4 ? hopeless[$0.index] : $0 }
    let reference = try await AttackRunner(model: Self.network, batch: 5, seed: 9)
      .run(attack, on: problems)
    #expect(reference.contains { $0.adversarialExample != nil } && reference.contains { $0.robust })
    for (batch, workers) in [(1, 1), (3, 3), (16, 4)] {
      let runner = AttackRunner(model: Self.network, batch: batch, seed: 9, workers: workers)
      #expect(try await runner.run(attack, on: problems) == reference)
    }
    var randomness = Philox(key: 1)
    let order = randomness.permutation(of: problems.count)
    let shuffled = try await AttackRunner(model: Self.network, batch: 4, seed: 9)
      .run(attack, on: order.map { problems[$0] })
    #expect(shuffled == order.map { reference[$0] })
    #expect(
      shuffled.map { $0.adversarialExample?.hash }
        == order.map { reference[$0].adversarialExample?.hash })
  }

  @Test(arguments: Selected.rows, Norm.allCases)
  func `on affine models an attack is as good as its row declares`(
    _ row: CatalogueRow, _ norm: Norm
  ) async throws {
    guard row.norms.contains(norm), row.search == .maximumLoss else { return }
    let attack = try row.attack(row.trial)
    var randomness = Philox(key: 31)
    for round in 0..<6 {
      let count = 30
      let x = randomness.uniforms([1, 5, 6]).map { round % 2 == 0 && $0 < 0.3 ? 0 : $0 }
      let weights = randomness.normals([2, count])
      let radius = Sizes.radius([0.05, 0.3, 1.5][round % 3], norm)
      let slopes = (0..<count).map { Double(weights[count + $0]) - Double(weights[$0]) }
      let best = Optimum.gain(of: slopes, around: x.scalars.map(Double.init), norm, radius)
      let clean = (0..<count).reduce(0) { $0 + slopes[$1] * Double(x[$1]) }
      // Beyond reach, within reach by a hair, and short of it by a hair.
      for offset in [1.5 * best + 1, best - 1e-3, best + 1e-3] {
        let model = AffineModel(
          inputShape: x.shape, weights: weights,
          biases: Tensor([Float(clean + offset), 0], shape: [2]))
        let problem = try Problem(
          index: round, input: x, label: 0, threat: try Ball(norm, radius: radius))
        let outcomes = try await AttackRunner(model: model, workers: 1).run(attack, on: [problem])
        let outcome = try #require(outcomes.first)
        let gain = outcome.margin - outcome.cleanMargin
        #expect(gain <= best + 1e-4)
        #expect(outcome.robust || offset < best)
        switch row.guarantee(for: norm) {
        case .exact:
          #expect(gain >= best - 1e-4)
          #expect(outcome.robust == (offset > best))
        case .within(let factor):
          #expect(offset < best || gain >= best / factor - 1e-4, "\(gain) of \(best)")
        case .none: break
        }
      }
    }
  }

  @Test(arguments: Selected.rows, Norm.allCases)
  func `on affine models the nearest point is as near as its row declares`(
    _ row: CatalogueRow, _ norm: Norm
  ) async throws {
    guard row.norms.contains(norm), row.search == .minimumNorm else { return }
    let attack = try row.attack()
    var randomness = Philox(key: 31)
    for round in 0..<3 {
      let count = 30
      let x = randomness.uniforms([count]).map { round % 2 == 0 && $0 < 0.3 ? 0 : $0 }
      let weights = randomness.normals([2, count])
      let radius = [0.05, 0.3, 1].map { Sizes.radius($0, norm) }[round % 3]
      let slopes = (0..<count).map { Double(weights[count + $0]) - Double(weights[$0]) }
      // As far away as the best point of this radius.
      let best = Optimum.gain(of: slopes, around: x.scalars.map(Double.init), norm, radius)
      let clean = (0..<count).reduce(0) { $0 + slopes[$1] * Double(x[$1]) }
      let model = AffineModel(
        inputShape: x.shape, weights: weights,
        biases: Tensor([Float(clean + best - 1e-4 * abs(best)), 0], shape: [2]))
      let problem = try Problem(
        index: round, input: x, label: 0, threat: try Ball(norm, radius: radius),
        goal: .avoid(0), earlyStopping: false)
      let outcomes = try await AttackRunner(model: model, workers: 1).run(attack, on: [problem])
      let outcome = try #require(outcomes.first)
      #expect(outcome.failure == nil)
      guard case .within(let factor) = row.guarantee(for: norm) else { continue }
      // Labels alone may show no place where the goal is reached.
      if row.knowledge == .labels, outcome.nearest == nil { continue }
      let nearest = try #require(outcome.nearest)
      #expect(nearest.distance <= factor * radius, "\(nearest.distance) of \(radius)")
      // The bounds may end before the radius does.
      let possible = Optimum.gain(
        of: slopes, around: x.scalars.map(Double.init), norm, nearest.distance)
      #expect(possible >= best * (1 - 1e-3), "\(possible) of \(best)")
    }
  }

  @Test(arguments: Selected.rows, Norm.allCases)
  func `without room nothing moves`(_ row: CatalogueRow, _ norm: Norm) async throws {
    guard row.norms.contains(norm) else { return }
    let outcomes = try await AttackRunner(model: Self.network).run(
      try row.attack(row.trial), on: problems(10, norm, radius: 0))
    for outcome in outcomes {
      #expect(outcome.failure == nil && outcome.robust)
      #expect(outcome.margin == outcome.cleanMargin)
    }
  }

  @Test(arguments: Selected.rows, Norm.allCases)
  func `a model without a gradient does no harm`(_ row: CatalogueRow, _ norm: Norm) async throws {
    guard row.norms.contains(norm) else { return }
    let model = AffineModel(
      inputShape: [1, 2, 2], weights: .zeros([3, 4]), biases: Tensor([1, 0, 0.5], shape: [3]))
    let problem = try Problem(
      index: 0, input: Tensor([0, 0.2, 0.5, 1], shape: [1, 2, 2]), label: 0,
      threat: try Ball(norm, radius: Sizes.radius(0.4, norm)))
    let outcomes = try await AttackRunner(model: model).run(
      try row.attack(row.trial), on: [problem])
    #expect(outcomes.allSatisfy { $0.failure == nil && $0.robust && $0.margin == -0.5 })
  }

  @Test(arguments: Selected.rows, Norm.allCases)
  func `a single logit is attacked on both sides`(_ row: CatalogueRow, _ norm: Norm) async throws {
    guard row.norms.contains(norm) else { return }
    for label in [0, 1] {
      let sign: Float = label == 1 ? 1 : -1
      let model = AffineModel(
        inputShape: [1, 1, 3], weights: Tensor(repeating: sign, shape: [1, 3]),
        biases: Tensor([-1.4 * sign], shape: [1]))
      let problems = try (0..<20).map {
        try Problem(
          index: $0, input: Tensor(repeating: 0.5, shape: [1, 1, 3]), label: label,
          threat: try Ball(norm, radius: Sizes.radius(0.3, norm)), goal: .avoid(singleLogit: label))
      }
      let outcomes = try await AttackRunner(model: model, seed: 2).run(
        try row.attack(row.trial), on: problems)
      #expect(outcomes.allSatisfy { $0.failure == nil && $0.prediction == label })
      #expect(outcomes.contains { $0.adversarialExample?.prediction == 1 - label })
      if row.guarantee(for: norm) != .none { #expect(outcomes.allSatisfy { !$0.robust }) }
    }
  }

  @Test(arguments: Selected.rows, Norm.allCases)
  func `training gets an input inside the threat at the price of the budget`(
    _ row: CatalogueRow, _ norm: Norm
  ) async throws {
    guard row.norms.contains(norm), row.search == .maximumLoss else { return }
    let attack = try row.attack(row.trial)
    let model = Counting(Self.network)
    let problems = try problems(20, norm, radius: Sizes.radius(0.3, norm))
    let inputs = try await AttackRunner(model: model, batch: 6).trainingInputs(
      attack, on: problems)
    for (worst, problem) in zip(inputs, problems) {
      #expect(worst.failure == nil)
      #expect(try problem.region.contains(worst.input))
      #expect(worst.passes.fits(within: attack.budget))
      if row.knowledge == .gradients { #expect(worst.passes == attack.budget) }
    }
    #expect(inputs.reduce(.zero) { $0 + $1.passes } == model.spent)
  }
}
