import Attacks
import Models
import Robustness
import Tensors
import Testing

/// Attacks on threats that are no balls.
@Suite(.serialized) struct BeyondTests {
  private static let network = TwoLayers(
    inputShape: [3, 6, 5], hidden: 24, outputCount: 5, key: 51)

  private static let threats = [
    "rotation:60", "shift:2", "rotation:40+shift:2", "flow:1", "patch:0.2", "patch:3px@1,1",
    "hue:120",
    "saturation:1", "brightness:0.5", "contrast:0.8", "fog:0.8", "blur:3", "linf:0.05+rotation:30",
    "shift:1+l2:0.5", "linf:0.05|rotation:40", "l2:0.4|l1:2|hue:90",
  ]

  private func problems(_ threat: any ThreatModel, _ count: Int = 40) throws -> [Problem] {
    var randomness = Philox(key: 4)
    return try (0..<count).map { index in
      let x = randomness.uniforms(Self.network.inputShape)
      return try Problem(
        index: index, input: x, label: Self.network.label(of: x), threat: threat)
    }
  }

  private static let rows = Selected.rows.filter {
    $0.worksBeyondBalls && !["grid", "boundary-search", "stadv"].contains($0.name)
  }

  @Test(arguments: rows, threats)
  func `adversarial examples are changes that the threat allows, whatever the batch`(
    _ row: CatalogueRow, _ text: String
  ) async throws {
    // What threats have in common is in these; the others are for one attack with gradients and one without.
    let common = ["rotation:40+shift:2", "linf:0.05+rotation:30", "linf:0.05|rotation:40"]
    guard common.contains(text) || ["pgd", "random"].contains(row.name) else { return }
    let threat = try ThreatReference(text).threat()
    let problems = try problems(threat, 16)
    let attack = try row.attack(row.trial)
    let outcomes = try await AttackRunner(model: Self.network, batch: 5, seed: 3).run(
      attack, on: problems)
    for (outcome, problem) in zip(outcomes, problems) {
      #expect(outcome.failure == nil && outcome.margin >= outcome.cleanMargin)
      guard let adversarialExample = outcome.adversarialExample else { continue }
      #expect(try Self.network.label(of: adversarialExample.input) != problem.label)
      #expect((outcome.alternative != nil) == (threat.alternatives.count > 1))
      let alternative = threat.alternatives[outcome.alternative ?? 0]
      #expect(try alternative.region(around: problem.input).contains(adversarialExample.z))
      #expect(
        alternative.apply(adversarialExample.z, to: problem.input) == adversarialExample.input)
    }
    for batch in [1, 64] {
      let runner = AttackRunner(model: Self.network, batch: batch, seed: 3, workers: 1)
      #expect(try await runner.run(attack, on: problems) == outcomes)
    }
    guard row.search == .maximumLoss else { return }
    let worst = try await AttackRunner(model: Self.network).trainingInputs(
      attack, on: Array(problems.prefix(8)))
    #expect(worst.allSatisfy { $0.failure == nil })
  }

  @Test(arguments: threats)
  func `gradients find more than random draws of the same number`(_ text: String) async throws {
    let problems = try problems(try ThreatReference(text).threat())
    let runner = AttackRunner(model: Self.network)
    let pgd = try await runner.run(
      PGD {
        $0.steps = 20
        $0.loss = .margin
      }, on: problems)
    let random = try await runner.run(RandomDraws { $0.samples = 1 }, on: problems)
    #expect(
      pgd.count { $0.adversarialExample != nil } >= random.count { $0.adversarialExample != nil })
  }

  @Test func `either threat breaks what one of them breaks`() async throws {
    let names = ["linf:0.05", "rotation:40", "l2:0.4"]
    let runner = AttackRunner(model: Self.network, seed: 5)
    var broken = Set<Int>()
    for name in names {
      let outcomes = try await runner.run(
        PGD { $0.steps = 10 }, on: problems(ThreatReference(name).threat()))
      broken.formUnion(outcomes.filter { $0.adversarialExample != nil }.map(\.index))
    }
    let either = try ThreatReference(names.joined(separator: "|")).threat()
    let outcomes = try await runner.run(PGD { $0.steps = 10 }, on: problems(either))
    #expect(Set(outcomes.filter { $0.adversarialExample != nil }.map(\.index)) == broken)
    #expect(broken.count > 5 && broken.count < 40)
  }

  @Test func `training on either threat gets the worse of the two`() async throws {
    let runner = AttackRunner(model: Self.network, seed: 5)
    let names = ["linf:0.05", "rotation:40"]
    func losses(_ threat: any ThreatModel) async throws -> [Double] {
      let problems = try problems(threat)
      let inputs = try await runner.trainingInputs(PGD { $0.steps = 5 }, on: problems)
      return try zip(inputs, problems).map { worst, problem in
        let objective = try problem.objective(.crossEntropy, outputCount: 5)
        return objective.value(of: try Self.network.evaluate(worst.input).row(0))
      }
    }
    let first = try await losses(ThreatReference(names[0]).threat())
    let second = try await losses(ThreatReference(names[1]).threat())
    let both = try await losses(ThreatReference(names.joined(separator: "|")).threat())
    #expect(both == zip(first, second).map { max($0, $1) })
  }

  @Test func `a grid misses none of its points`() async throws {
    let problems = try problems(try ThreatReference("rotation:60+shift:2").threat(), 10)
    let outcomes = try await AttackRunner(model: Self.network).run(
      Grid { $0.values = 5 }, on: problems)
    for (outcome, problem) in zip(outcomes, problems) {
      var best = -Double.infinity
      for angle in [-60, -30, 0, 30, 60] as [Float] {
        for down in [-2, -1, 0, 1, 2] as [Float] {
          for across in [-2, -1, 0, 1, 2] as [Float] {
            let x = problem.threat.apply(
              Tensor([angle, down, across], shape: [3]), to: problem.input)
            best = max(best, problem.goal.margin(of: try Self.network.evaluate(x).row(0)))
          }
        }
      }
      #expect(outcome.failure == nil)
      #expect((best > 0) == (outcome.adversarialExample != nil))
      if best <= 0 { #expect(outcome.margin == best) }
    }
    let large = try await AttackRunner(model: Self.network).run(
      Grid { $0.values = 11 }, on: self.problems(ThreatReference("flow:1").threat(), 1))
    #expect("\(try #require(large[0].failure))".contains("fewer values"))
  }

  @Test(arguments: [0.05, 0.2, 0.37])
  func `a line search finds the smallest change`(_ amount: Double) async throws {
    // Brighter by the amount, the second output is ahead.
    let x = Tensor<Float>([0.2, 0.3, 0.4], shape: [3])
    let model = AffineModel(
      inputShape: [3], weights: Tensor([0, 0, 0, 1, 1, 1], shape: [2, 3]),
      biases: Tensor([Float(0.9 + 3 * amount), 0], shape: [2]))
    let problem = try Problem(
      index: 0, input: x, label: 0, threat: ColorAdjustment(.brightness, amount: 0.1),
      goal: .avoid(0),
      earlyStopping: false)
    let outcome = try await AttackRunner(model: model).run(BoundarySearch(), on: [problem])[0]
    let nearest = try #require(outcome.nearest)
    #expect(abs(nearest.distance - amount) < 1e-5)
    #expect((outcome.adversarialExample != nil) == (amount < 0.1))
    let ball = try Problem(
      index: 0, input: x, label: 0, threat: Ball(.two, radius: 1), goal: .avoid(0),
      earlyStopping: false)
    let refused = try await AttackRunner(model: model).run(BoundarySearch(), on: [ball])[0]
    #expect(refused.failure != nil && refused.adversarialExample == nil)
  }

  @Test func `stadv finds smooth flows`() async throws {
    let problems = try problems(Flow(pixels: 1))
    func variation(_ z: Tensor<Float>) -> Double {
      var sum = 0.0
      for plane in 0..<2 {
        for row in 0..<6 {
          for column in 0..<4 {
            let place = (plane * 6 + row) * 5 + column
            sum += abs(Double(z[place + 1] - z[place]))
          }
        }
      }
      return sum
    }
    let runner = AttackRunner(model: Self.network, seed: 1)
    let smooth = try await runner.run(SpatialTransformation { $0.smoothness = 0.5 }, on: problems)
    let rough = try await runner.run(SpatialTransformation { $0.smoothness = 0 }, on: problems)
    #expect(
      smooth.allSatisfy { $0.failure == nil } && smooth.contains { $0.adversarialExample != nil })
    var (less, more) = (0.0, 0.0)
    for (one, other) in zip(smooth, rough) {
      guard let z = one.adversarialExample?.z, let rough = other.adversarialExample?.z else {
        continue
      }
      less += variation(z)
      more += variation(rough)
    }
    #expect(less < more)
  }

  @Test func `one change for all is the best one where that is known`() async throws {
    let (count, radius) = (30, 0.1)
    var randomness = Philox(key: 5)
    let weights = randomness.normals([2, count])
    let slopes = (0..<count).map { weights[count + $0] - weights[$0] }
    // The middle is on the right side, but not far.
    let lead = slopes.reduce(0) { $0 + 0.5 * $1 } + 1
    let model = AffineModel(
      inputShape: [count], weights: weights, biases: Tensor([lead, 0], shape: [2]))
    var examples: [Tensor<Float>] = []
    while examples.count < 30 {
      let x = randomness.uniforms([count]).map { 0.2 + 0.6 * $0 }
      let margin = (0..<count).reduce(-lead) { $0 + slopes[$1] * x[$1] }
      if margin <= 0 { examples.append(x) }
    }
    let ball = try Ball(.infinity, radius: radius)
    let runner = AttackRunner(model: model)
    let ascent = UniversalPerturbation {
      $0.epochs = 5
      $0.batch = 8
      $0.clip = .infinity
      $0.starts = 1
    }
    func problem(_ place: Int) throws -> Problem {
      let threat = try ascent.shared(ball, for: [count], key: RandomKey(seed: 1).child(place))
      return try Problem(index: place, input: examples[place], label: 0, threat: threat)
    }
    let z = try await runner.shared(ascent, count: examples.count) { place, _ in try problem(place)
    }
    for index in 0..<count { #expect(abs(z[index] - (slopes[index] > 0 ? 0.1 : -0.1)) < 1e-6) }
    let problems = try examples.indices.map(problem)
    let outcomes = try await runner.outcomes(ofChange: z, found: ascent, for: problems)
    for (outcome, x) in zip(outcomes, examples) {
      let changed = x + z
      let margin = (0..<count).reduce(-Double(lead)) {
        $0 + Double(slopes[$1]) * Double(changed[$1])
      }
      #expect((outcome.adversarialExample != nil) == (margin > 0))
      if let adversarialExample = outcome.adversarialExample {
        #expect(try ball.region(around: x).contains(adversarialExample.input))
      }
    }
    #expect(outcomes.contains { $0.adversarialExample != nil })
  }

  @Test func `of several starts of one change for all the best counts`() async throws {
    let problems = try problems(Ball(.two, radius: 0))
    let runner = AttackRunner(model: Self.network, seed: 4)
    func search(_ starts: Int) async throws -> (last: [Double], broken: Int) {
      let ascent = UniversalPerturbation {
        $0.epochs = 8
        $0.starts = starts
        $0.batch = 10
        $0.clip = .infinity
      }
      let patch = try Patch(.share(0.3), at: Patch.Pose(row: 1, column: 1))
      func problem(_ place: Int) throws -> Problem {
        try Problem(
          index: place, input: problems[place].input, label: problems[place].label ?? 0,
          threat: patch)
      }
      // The share of goals reached in the last epoch of each start.
      var last: [Double] = []
      let z = try await runner.shared(
        ascent, count: problems.count,
        progress: { done, share in if done % 8 == 0 { last.append(share) } },
        problem: { place, _ in try problem(place) })
      let all = try problems.indices.map { try problem($0) }
      let outcomes = try await runner.outcomes(ofChange: z, found: ascent, for: all)
      return (last, outcomes.count { $0.adversarialExample != nil || $0.cleanMargin > 0 })
    }
    let (one, four) = (try await search(1), try await search(4))
    #expect(one.last.count == 1 && four.last.count == 4)
    #expect(four.last[0] == one.last[0])
    // The last steps are short, so that what was reached in the last epoch is what is reached at its end.
    let most = (four.last.max() ?? 0) * Double(problems.count)
    #expect(abs(Double(four.broken) - most) <= 2)
    #expect(abs(Double(one.broken) - one.last[0] * Double(problems.count)) <= 2)
  }

  @Test func `a patch for all is put anywhere, turned and scaled`() async throws {
    let problems = try problems(Ball(.two, radius: 0))
    let ascent = UniversalPerturbation {
      $0.epochs = 20
      $0.batch = 10
      $0.loss = .margin
      $0.degrees = 20
      $0.scale = 1.2
      $0.starts = 1
    }
    let patch = try Patch(.share(0.3))
    let runner = AttackRunner(model: Self.network, seed: 2)
    func posed(_ place: Int, _ epoch: Int) throws -> Problem {
      let key = RandomKey(seed: 3).child(place).child(epoch)
      let threat = try ascent.shared(patch, for: Self.network.inputShape, key: key)
      return try Problem(
        index: place, input: problems[place].input, label: problems[place].label ?? 0,
        threat: threat)
    }
    let z = try await runner.shared(ascent, count: problems.count) { try posed($0, $1) }
    #expect(z.shape == [3, 3, 3] && z.scalars.allSatisfy { 0...1 ~= $0 })
    let judged = try problems.indices.map { try posed($0, -1) }
    let found = try await runner.outcomes(ofChange: z, found: ascent, for: judged)
    let grey = Tensor<Float>(repeating: 0.5, shape: z.shape)
    let baseline = try await runner.outcomes(ofChange: grey, found: ascent, for: judged)
    #expect(found.allSatisfy { $0.failure == nil })
    #expect(
      found.count { $0.adversarialExample != nil } > baseline.count { $0.adversarialExample != nil }
    )
  }
}
