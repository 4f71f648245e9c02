import Attacks
import Engine
import Graphs
import Networks
import Robustness
import Tensors
import Testing

/// What searches along the boundary end at is beyond it in double precision too.
@Suite(.serialized) struct RoundingTests {
  private let network: Network
  private let model: CompiledNetwork

  init() throws { (network, model) = try Self.compiled.get() }

  /// Compiled once, for its plans are the most of what a case costs.
  private static let compiled = Result<(Network, CompiledNetwork), any Error> {
    var network = try Network("small", input: InputDescription(shape: [1, 8, 8]), seed: 4) {
      Convolve(6, kernel: 3, padding: 1)
      ReLU()
      Convolve(8, kernel: 3, stride: 2)
      ReLU()
      Flatten()
      Linear(5)
    }
    // Uneven enough for several labels.
    var randomness = Philox(key: 17)
    try network.load(
      Dictionary(
        uniqueKeysWithValues: network.parameterNames.map { name in
          let shape = network.parameters[name]?.shape ?? []
          let fan = Float(max(1, shape.droppingFirst.count)).squareRoot()
          return (name, (shape.rank > 1 ? 2 / fan : 0.1) * randomness.normals(shape))
        }))
    return (network, try CompiledNetwork(network))
  }

  /// The outputs by the operators' definitions in double precision.
  private func outputs(_ x: Tensor<Float>) throws -> [Double] {
    let values = try Interpreter(network.graph)(
      [Network.inputName: x.converted(to: Double.self).reshaped(to: [1, 1, 8, 8])],
      parameters: network.parameters.mapValues { $0.converted() })
    return try #require(values[Network.outputName]).scalars
  }

  private func problems(
    _ threat: any ThreatModel, count: Int, goal: (_ label: Int) -> Goal = { .avoid($0) }
  ) throws -> [Problem] {
    var randomness = Philox(key: 4)
    return try (0..<count).map { index in
      let x = randomness.uniforms([1, 8, 8])
      let scores = try outputs(x)
      let label = scores.indices.max { scores[$0] < scores[$1] } ?? 0
      return try Problem(
        index: index, input: x, label: label, threat: threat, goal: goal(label),
        earlyStopping: false)
    }
  }

  /// Checks what is reported, by a computation that shares nothing with the runner's.
  ///
  /// - Returns: The number of changes.
  private func check(_ outcomes: [Outcome], _ problems: [Problem]) throws -> Int {
    var count = 0
    for (outcome, problem) in zip(outcomes, problems) {
      #expect(outcome.failure == nil)
      for adversarialExample in [outcome.adversarialExample, outcome.nearest].compactMap({ $0 }) {
        count += 1
        let margin = problem.goal.margin(of: try outputs(adversarialExample.input))
        #expect(margin > 0)
        switch adversarialExample.rounding {
        case .unverified: Issue.record("a network has a definition")
        case .clear: #expect(abs(margin - adversarialExample.margin) < margin / 10)
        case .verified(let precise, let difference):
          #expect(abs(precise - margin) <= 1e-12 && precise > 10 * difference)
          #expect(abs(adversarialExample.margin - precise) <= difference)
        }
      }
    }
    return count
  }

  private static let rows = Selected.rows.filter { $0.search == .minimumNorm }

  @Test(arguments: rows, Norm.allCases)
  func `nearest changes are beyond the boundary in double precision`(
    _ row: CatalogueRow, _ norm: Norm
  ) async throws {
    guard row.norms.contains(norm) else { return }
    let problems = try problems(try Ball(norm, radius: Sizes.radius(2, norm)), count: 8)
    let attack = try row.attack(row.trial)
    let outcomes = try await AttackRunner(model: model, seed: 3).run(attack, on: problems)
    #expect(try check(outcomes, problems) > 0)
    let runner = AttackRunner(model: model, batch: 3, seed: 3, workers: 1)
    #expect(try await runner.run(attack, on: problems) == outcomes)
  }

  @Test(arguments: ["rotation:180", "fog:1", "blur:4", "contrast:1", "brightness:1"])
  func `so are the smallest rotations, fogs and blurs`(_ threat: String) async throws {
    let problems = try problems(try ThreatReference(threat).threat(), count: 40)
    let outcomes = try await AttackRunner(model: model).run(BoundarySearch(), on: problems)
    var least = Double.infinity
    #expect(try check(outcomes, problems) > 0)
    // They end as far beyond it as rounding can reach, and no farther.
    for (outcome, problem) in zip(outcomes, problems) {
      guard let adversarialExample = outcome.nearest else { continue }
      let sizes = try [adversarialExample.input, problem.input].map { input in
        try outputs(input).reduce(0) { max($0, $1.magnitude) }
      }
      let bound = NetworkDefinition.leastRounding * (sizes.max() ?? 0)
      #expect(adversarialExample.rounding == .clear && adversarialExample.margin > 0.999 * bound)
      least = min(least, adversarialExample.margin / bound)
    }
    #expect(least < 2)
  }

  @Test func `goals of every form have margins of their own`() async throws {
    let ball = try Ball(.two, radius: 20)
    let second: (Int) -> Goal = { label in
      .any(
        of: (0..<5).filter { $0 != label }.flatMap { first in
          (first + 1..<5).filter { $0 != label }.map { next in
            [first, next].map { Inequality([.init(1, output: $0), .init(-1, output: label)]) }
          }
        })
    }
    let goals: [(Int) -> Goal] = [
      { .reach(($0 + 1) % 5) }, second,
      { .avoid(multiLabel: (0..<5).map { [label = $0] output in output == label }) },
      { _ in .leave(-6...6, output: 2) },
      { _ in .leave(anyOf: Array(repeating: -9...9, count: 5)) },
    ]
    for goal in goals {
      let problems = try problems(ball, count: 8, goal: goal)
      var found = 0
      for attack in [
        FMN { $0.steps = 40 }, DDN { $0.steps = 40 }, HopSkipJump { $0.queries = 400 },
      ] as [any Attack] {
        let outcomes = try await AttackRunner(model: model).run(attack, on: problems)
        found += try check(outcomes, problems)
      }
      #expect(found > 0)
    }
  }

  @Test func `changes in 8 bits, patches and shared changes are verified alike`() async throws {
    let leveled = QuantizedBall(try Ball(.two, radius: 20), levels: QuantizationLevels.unit)
    var inputs = try problems(leveled.ball, count: 20)
    inputs = try inputs.map {
      try Problem(
        index: $0.index, input: $0.input.map { (255 * $0).rounded() / 255 }, label: $0.label ?? 0,
        threat: leveled)
    }
    let runner = AttackRunner(model: model)
    #expect(try check(try await runner.run(DDN { $0.steps = 40 }, on: inputs), inputs) > 0)
    let patched = try problems(try ThreatReference("patch:0.3").threat(), count: 20)
    #expect(try check(try await runner.run(PGD { $0.steps = 10 }, on: patched), patched) > 0)
    let ascent = UniversalPerturbation {
      $0.epochs = 2
      $0.starts = 1
    }
    let ball = try Ball(.infinity, radius: 0.5)
    let shared = try problems(ball, count: 20).map {
      try Problem(
        index: $0.index, input: $0.input, label: $0.label ?? 0,
        threat: ascent.shared(ball, for: [1, 8, 8], key: RandomKey(seed: 0)))
    }
    let z = try await runner.shared(ascent, count: shared.count) { position, _ in shared[position] }
    #expect(
      try check(try await runner.outcomes(ofChange: z, found: ascent, for: shared), shared) > 0)
  }
}
