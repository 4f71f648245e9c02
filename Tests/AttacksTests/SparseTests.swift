import Attacks
import Robustness
import Tensors
import Testing

/// What attacks on few pixels promise beside their contracts.
@Suite struct SparseTests {
  private static let shape: Shape = [2, 4, 5]
  private let network = TwoLayers(inputShape: shape, hidden: 24, outputCount: 4, key: 8)

  private func problems(_ count: Int, radius: Double, target: Int? = nil) throws -> [Problem] {
    var randomness = Philox(key: 12)
    return try (0..<count).map { index in
      let x = randomness.uniforms(Self.shape)
      let label = try network.label(of: x)
      return try Problem(
        index: index, input: x, label: label, threat: try Ball(.zero, radius: radius),
        goal: target.map { .reach($0) } ?? .avoid(label), earlyStopping: false)
    }
  }

  /// The pixels that differ.
  private func changed(_ point: Tensor<Float>, _ x: Tensor<Float>) -> Set<Int> {
    Set(x.scalars.indices.filter { point[$0] != x[$0] }.map { $0 % 20 })
  }

  @Test func `pointwise leaves no pixel that can be put back`() async throws {
    let problems = try problems(40, radius: 20)
    let outcomes = try await AttackRunner(model: network).run(Pointwise(), on: problems)
    var several = 0
    for (problem, outcome) in zip(problems, outcomes) {
      let point = try #require(outcome.nearest?.input)
      let pixels = changed(point, problem.input)
      several += pixels.count > 1 ? 1 : 0
      for pixel in pixels {
        var restored = point
        for index in [pixel, pixel + 20] { restored[index] = problem.input[index] }
        #expect(try network.label(of: restored) == problem.label)
      }
    }
    #expect(several > 0)
  }

  @Test func `values only rise, or only fall, where the saliency map is told so`() async throws {
    for (direction, sign) in [(JSMA.Direction.up, Float(1)), (.down, -1)] {
      let problems = try problems(40, radius: 20, target: 1)
      let attack = JSMA {
        $0.gamma = 1
        $0.direction = direction
      }
      let outcomes = try await AttackRunner(model: network).run(attack, on: problems)
      var reached = 0
      for (problem, outcome) in zip(problems, outcomes) where outcome.nearest != nil {
        let point = try #require(outcome.nearest?.input)
        #expect(try network.label(of: point) == 1)
        #expect(zip(point.scalars, problem.input.scalars).allSatisfy { sign * ($0 - $1) >= 0 })
        reached += 1
      }
      #expect(reached > 0)
    }
  }

  @Test func `a pair of few features may change, however small their share`() async throws {
    var distances: [Double] = []
    for key in 0..<20 as Range<UInt64> {
      let table = TwoLayers(inputShape: [7], hidden: 12, outputCount: 3, key: key)
      var randomness = Philox(key: key + 100)
      let problems = try (0..<10).map { index in
        let x = randomness.uniforms([7])
        let label = try table.label(of: x)
        return try Problem(
          index: index, input: x, label: label, threat: try Ball(.zero, radius: 7),
          goal: .avoid(label), earlyStopping: false)
      }
      distances += try await AttackRunner(model: table).run(JSMA(), on: problems)
        .compactMap(\.nearest?.distance)
    }
    #expect(!distances.isEmpty && distances.allSatisfy { $0 <= 2 })
  }

  @Test func `evolution changes no more pixels than asked for`() async throws {
    let problems = try problems(30, radius: 6)
    for pixels in [1, 3] {
      let attack = OnePixel {
        $0.pixels = pixels
        $0.population = 40
        $0.steps = 10
      }
      let outcomes = try await AttackRunner(model: network).run(attack, on: problems)
      #expect(outcomes.contains { $0.adversarialExample != nil })
      #expect(outcomes.allSatisfy { ($0.adversarialExample?.distance ?? 0) <= Double(pixels) })
    }
  }

  @Test func `fewer pixels are found by gradients than by a few draws of noise`() async throws {
    let problems = try problems(40, radius: 20)
    let runner = AttackRunner(model: network)
    func total(_ attack: any Attack) async throws -> Double {
      try await runner.run(attack, on: problems).reduce(0) { $0 + ($1.nearest?.distance ?? 20) }
    }
    let noise = try await total(Pointwise { $0.queries = 60 })
    let attacks: [any Attack] = [
      JSMA { $0.gamma = 1 }, SigmaZero { $0.steps = 200 }, SparseFool(),
      BrendelBethge { $0.steps = 100 },
    ]
    for attack in attacks {
      let sum = try await total(attack)
      #expect(sum < noise, "\(type(of: attack).name): \(sum), noise \(noise)")
    }
  }
}
