import Attacks
import Evaluation
import Robustness
import Tensors
import Testing

@Suite struct AccuracyCurveTests {
  @Test func aBoundCountsFromItsRadiusOn() {
    let curve = AccuracyCurve(radii: [0, 0.1, 0.2, 1e9], bounds: [0, 0.1, 0.15, .infinity])
    #expect(curve.points.map(\.accuracy.count) == [3, 2, 1, 1])
    #expect(curve.points.map(\.radius) == [0, 0.1, 0.2, 1e9])
  }

  /// On an affine model the radius at which an example breaks is known: the distance of its sum from the boundary.
  @Test(arguments: [0.05, 0.2, 0.5])
  func itIsExactOnAffineModels(radius: Double) async throws {
    let bias: Float = -3
    let runner = AttackRunner(model: affine(bias: bias), batch: 16, seed: 3)
    let suite = try Suite([Suite.Member("pgd", PGD())], norm: .infinity)
    let problems = try ramp(60, threat: try Ball(.infinity, radius: radius), bias: bias)
    let found = try await records(suite, runner, problems)
    let radii = (0...10).map { Double($0) * 0.05 }
    let result = try await runner.breakingRadii(
      of: found, radius: radius, radii: radii, nearest: [], stages: suite.stages
    ) { place, radius, earlyStopping in
      try Problem(
        index: place, input: problems[place].input, label: problems[place].label,
        threat: try Ball(.infinity, radius: radius), goal: problems[place].goal,
        earlyStopping: earlyStopping)
    }
    let curve = AccuracyCurve(radii: radii, bounds: result.bounds)
    for point in curve.points {
      let exact = problems.count { abs(Double($0.input[0]) - 0.5) > point.radius + 1e-6 }
      #expect(abs(point.accuracy.count - exact) <= 1, "\(point.radius)")
      if point.radius == radius {
        #expect(point.accuracy.count == found.count { $0.isRobust })
      }
    }
    #expect(
      zip(curve.points, curve.points.dropFirst()).allSatisfy {
        $0.accuracy.count >= $1.accuracy.count
      })
  }

  @Test func whatTheEvaluationMissedIsToldOf() async throws {
    let (bias, radius): (Float, Double) = (-3, 0.2)
    let runner = AttackRunner(model: affine(bias: bias), batch: 16, seed: 3)
    let suite = try Suite([Suite.Member("random", RandomDraws { $0.samples = 1 })], norm: .infinity)
    let ball = try Ball(.infinity, radius: radius)
    let problems = try ramp(60, threat: ball, bias: bias)
    let weak = try await records(suite, runner, problems)
    let full = try Suite.standard(.infinity, outputCount: 2, names: ["apgd-ce", "fab-t"])
    let strong = try await records(full, runner, problems)
    let result = try await runner.breakingRadii(
      of: weak, radius: radius, radii: [0.1, radius, 0.3], nearest: full.nearestStages,
      stages: full.stages
    ) { place, radius, earlyStopping in
      try Problem(
        index: place, input: problems[place].input, label: problems[place].label,
        threat: try Ball(.infinity, radius: radius), goal: problems[place].goal,
        earlyStopping: earlyStopping)
    }
    let missed = weak.indices.filter { weak[$0].isRobust && !strong[$0].isRobust }
    #expect(!missed.isEmpty && result.found.keys.sorted() == missed)
    for (place, change) in result.found {
      #expect(change.attack == "fab-t" && change.distance <= radius)
      #expect(result.bounds[place] <= change.distance)
    }
  }
}
