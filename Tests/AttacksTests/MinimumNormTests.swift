import Attacks
import Robustness
import Tensors
import Testing

/// What is special to attacks that look for the nearest point.
@Suite(.serialized) struct MinimumNormTests {
  private let network = TwoLayers(inputShape: [24], hidden: 16, outputCount: 5, key: 21)

  private static let rows = Selected.rows.filter { $0.search == .minimumNorm }

  private func problems(
    _ norm: Norm, radius: Double, earlyStopping: Bool = false, count: Int = 40,
    mask: [Bool]? = nil, levels: QuantizationLevels? = nil
  ) throws -> [Problem] {
    var randomness = Philox(key: 4)
    let ball = try Ball(norm, radius: radius, mask: mask)
    return try (0..<count).map {
      let x = randomness.uniforms([24]).map { (255 * $0).rounded() / 255 }
      return try Problem(
        index: $0, input: x, label: network.label(of: x),
        threat: levels.map { QuantizedBall(ball, levels: $0) } ?? ball,
        goal: .avoid(network.label(of: x)), earlyStopping: earlyStopping)
    }
  }

  @Test(arguments: [Norm.infinity, .two, .one])
  func `FAB ends as soon as a point inside was seen`(_ norm: Norm) async throws {
    let radius = Sizes.radius(2, norm)
    let inside = try await AttackRunner(model: network).run(
      FAB(), on: problems(norm, radius: radius, earlyStopping: true))
    let nearest = try await AttackRunner(model: network).run(
      FAB(), on: problems(norm, radius: radius))
    for (quick, thorough) in zip(inside, nearest) {
      #expect(quick.adversarialExample != nil && quick.passes.backward <= 10)
      // Four other classes, and half of the gradients in vain at most.
      #expect(thorough.passes.backward > 10 && thorough.passes.backward <= 600)
      let distances = (thorough.nearest?.distance ?? .infinity, quick.nearest?.distance ?? 0)
      #expect(distances.0 <= distances.1)
    }
  }

  @Test(arguments: [Norm.infinity, .two, .one])
  func `every form of FAB comes as near as DeepFool`(_ norm: Norm) async throws {
    let problems = try problems(norm, radius: 1)
    func median(_ attack: any Attack) async throws -> Double {
      let found = try await AttackRunner(model: network).run(attack, on: problems)
      #expect(found.allSatisfy { $0.failure == nil && $0.nearest != nil })
      return found.map { $0.nearest?.distance ?? .infinity }.sorted()[found.count / 2]
    }
    let deepFool = try await median(DeepFool())
    for attack in [
      FAB(), FAB { $0.targets = 0 },
      FAB {
        $0.steps = 30
        $0.starts = 3
      },
    ] {
      let distance = try await median(attack)
      #expect(distance <= 1.01 * deepFool, "\(attack): \(distance) and \(deepFool)")
    }
  }

  @Test(arguments: rows, Norm.allCases)
  func `masks and levels hold for the nearest point`(_ row: CatalogueRow, _ norm: Norm) async throws
  {
    guard row.norms.contains(norm) else { return }
    let mask = (0..<24).map { $0 % 4 != 0 }
    var found = 0
    for levels in [nil, QuantizationLevels.unit] {
      let problems = try problems(norm, radius: 1, count: 10, mask: mask, levels: levels)
      let outcomes = try await AttackRunner(model: network).run(
        try row.attack(row.trial), on: problems)
      for (outcome, problem) in zip(outcomes, problems) {
        #expect(outcome.failure == nil)
        guard let input = outcome.nearest?.input else { continue }
        found += 1
        #expect(try network.label(of: input) != problem.label)
        for index in 0..<24 {
          #expect(mask[index] || input[index] == problem.input[index])
          #expect(levels?.values.contains(input[index]) ?? true)
        }
      }
    }
    #expect(found > 0)
  }

  @Test(arguments: rows, Norm.allCases)
  func `a norm that an attack is not written for is reported`(
    _ row: CatalogueRow, _ norm: Norm
  ) async throws {
    guard !row.norms.isEmpty, !row.norms.contains(norm) else { return }
    let outcomes = try await AttackRunner(model: network).run(
      try row.attack(row.trial), on: problems(norm, radius: 1, count: 1))
    let failure = try #require(outcomes.first?.failure)
    #expect(failure.description.contains("not written for \(norm.rawValue)"))
  }
}
