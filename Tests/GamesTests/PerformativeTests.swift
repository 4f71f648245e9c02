import Foundation
import Games
import Testing

/// Learners whose people answer: derivatives, closed forms and rates.
@Suite struct PerformativeTests {
  private func rows(_ drawing: inout Drawing, count: Int = 400, width: Int = 4) -> LabeledRows {
    let weights = drawing.vector(width)
    let features = (0..<count).map { _ in drawing.vector(width) }
    let labels = features.map { row -> Double in
      let score = zip(row, weights).reduce(0.3) { $0 + $1.0 * $1.1 }
      return score + 2 * drawing.normal() > 0 ? 1 : 0
    }
    return LabeledRows(features: features, labels: labels)
  }

  @Test func theMinimumOfLogisticRegressionIsOne() throws {
    for seed in 0..<20 {
      var drawing = Drawing(seed)
      let rows = rows(&drawing)
      for penalizesBias in [false, true] {
        let regression = LogisticRegression(penalty: 0.01, penalizesBias: penalizesBias)
        let theta = try regression.minimum(on: rows)
        #expect(regression.gradient(theta, on: rows).length < 1e-12)
        let least = regression.loss(theta, on: rows)
        for _ in 0..<20 {
          let other = zip(theta, drawing.vector(theta.count)).map { $0 + 0.1 * $1 }
          #expect(regression.loss(other, on: rows) > least)
        }
      }
    }
  }

  @Test func aLineThatPartsTheClassesIsRefusedWithoutAPenalty() {
    let rows = LabeledRows(features: [[-1], [-2], [1], [2]], labels: [0, 0, 1, 1])
    #expect(throws: GameError.self) { try LogisticRegression(penalty: 0).minimum(on: rows) }
  }

  /// Hides all derivatives of a player, so that they become differences.
  private struct Hidden: Player {
    let player: any Player
    var name: String { player.name }
    var objective: String { player.objective }
    var size: Int { player.size }
    func cost(at profile: Profile) async throws -> Double { try await player.cost(at: profile) }
  }

  @Test func derivativesOfTheCreditGameAreDifferences() async throws {
    var drawing = Drawing(8)
    let rows = rows(&drawing)
    for penalizesBias in [false, true] {
      let game = CreditGame(
        rows: rows, strategic: [0, 2], strength: 0.7,
        regression: LogisticRegression(penalty: 0.05, penalizesBias: penalizesBias)
      ).game
      let profile = [drawing.vector(5), drawing.vector(2)]
      for player in game.players {
        let hidden = Hidden(player: player)
        for place in 0...1 {
          let (own, other) = (
            try await player.gradient(along: place, at: profile),
            try await hidden.gradient(along: place, at: profile)
          )
          #expect(zip(own, other).allSatisfy { abs($0 - $1) < 1e-8 })
          for moved in 0...1 {
            let direction = drawing.vector(profile[moved].count)
            let product = try await player.hessianProduct(
              along: place, moving: moved, by: direction, at: profile)
            let differences = try await hidden.hessianProduct(
              along: place, moving: moved, by: direction, at: profile)
            #expect(
              zip(product, differences).allSatisfy { abs($0 - $1) < 1e-4 },
              "\(player.name) \(place) \(moved)")
          }
        }
      }
    }
  }

  @Test func aFreeBiasTakesTheShiftBackAtOnce() async throws {
    var drawing = Drawing(9)
    let rows = rows(&drawing)
    for strength in [1.0, 100, 10_000] {
      let comparison = try await PerformativeComparison(
        rows: rows, strategic: [0, 1], strengths: [strength], penalty: 1 / 400, rounds: 4)
      let exact = try #require(
        comparison.courses.first { $0.isExact && !$0.penalizesBias })
      #expect(exact.gaps[0] > 1e-3 * strength.squareRoot())
      #expect(exact.gaps[1] < 1e-8 * strength, "\(strength): \(exact.gaps)")
      #expect(exact.behavior == .converged)
      let penalized = try #require(comparison.courses.first { $0.isExact && $0.penalizesBias })
      #expect(penalized.gaps[1] > exact.gaps[1])
      #expect(
        strength == 1
          ? comparison.leads.contains { $0.optimalRisk < $0.stableRisk - 1e-6 }
          : comparison.leads.isEmpty)
    }
  }

  @Test func retrainingHasExactlyTheFactorOfTheBound() async throws {
    for (gamma, beta, strength) in [(1.0, 2.0, 0.4), (0.5, 3, 0.1), (2, 5, -0.3), (1, 4, 0.3)] {
      let family = LocationGame.quadratic(gamma: gamma, beta: beta, strength: strength)
      let factor = try #require(family.factor)
      #expect(abs(factor - strength * beta / gamma) < 1e-15)
      let map = try await family.game.stepMap(of: BestResponseDynamics())
      #expect(abs(map.spectralRadius - abs(factor)) < 1e-6)
      let path = try await family.game.play(
        BestResponseDynamics(), named: "", from: [[0], [0]], steps: 300)
      if abs(factor) < 1 {
        #expect(abs(path.end[0][0] - family.stable) < 1e-9)
      } else {
        #expect(path.behavior == .diverging)
      }
    }
  }

  @Test func meanEstimationContractsByItsStrength() async throws {
    let family = LocationGame.meanEstimation(center: 10, strength: 0.9)
    #expect(abs(family.stable - 100) < 1e-9)
    let path = try await family.game.play(
      BestResponseDynamics(), named: "", from: [[0], [10]], steps: 100)
    let distances = path.points.dropFirst().map { abs($0.profile[0][0] - 100) }
    for (before, after) in zip(distances, distances.dropFirst()) {
      #expect(abs(after / before - 0.9) < 1e-9)
    }
  }

  @Test("stable and optimal points", arguments: LocationGame.families.map(\.name))
  func closedForms(name: String) async throws {
    let family = try #require(LocationGame.families.first { $0.name == name })
    let game = family.game
    let start = [[family.start], [family.start]]
    // The leader's point, by its gradient through the answer.
    let lead = try await game.play(
      StackelbergImplicit(stepSize: family.stepSize), named: "", from: start, steps: 5000)
    #expect(abs(lead.end[0][0] - family.optimal) < 1e-6, "\(lead.end[0][0])")
    let least = try await LeaderDescent.minimum(of: game, from: start)
    #expect(abs(least[0] - family.optimal) < 1e-5, "\(least[0])")
    // Rest, by retraining or by gradient steps.
    if let factor = family.factor {
      let path = try await game.play(BestResponseDynamics(), named: "", from: start, steps: 2000)
      if abs(factor) < 1 { #expect(abs(path.end[0][0] - family.stable) < 1e-9) }
      let affine = try await game.play(
        AffineRiskMinimization(), named: "", from: start, steps: 2000)
      #expect(abs(affine.end[0][0] - family.stable) < 1e-9)
    } else {
      let path = try await game.play(
        RepeatedGradient(stepSize: family.stepSize), named: "", from: start, steps: 20_000)
      #expect(abs(path.end[0][0] - family.stable) < 1e-3, "\(path.end[0][0])")
    }
  }

  @Test func twoSnapshotsDampWhatRetrainingOvershoots() async throws {
    // lambda^2 + r (lambda + 1) / 2 with r = 1.4 has the modulus sqrt(0.7).
    let family = LocationGame.quadratic(gamma: 1, beta: 2, strength: -0.7)
    let plain = try await family.game.play(
      BestResponseDynamics(), named: "", from: [[0], [0]], steps: 200)
    #expect(plain.behavior == .diverging)
    let affine = try await family.game.play(
      AffineRiskMinimization(), named: "", from: [[0], [0]], steps: 60)
    let distances = affine.points.map { abs($0.profile[0][0] - family.stable) }
    let rate = pow(distances[50] / distances[10], 1.0 / 40)
    #expect(abs(rate - 0.7.squareRoot()) < 0.02, "\(rate)")
    await #expect(throws: GameError.self) {
      try await family.game.play(AffineRiskMinimization(weights: [0.5]), named: "", steps: 1)
    }
    await #expect(throws: GameError.self) {
      try await Game.bilinear(Matrix([[1]])).play(AffineRiskMinimization(), named: "", steps: 1)
    }
  }
}
