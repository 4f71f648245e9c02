import Games
import Testing

/// The Dirac-GAN, near rest the bilinear game of the table.
@Suite struct DiracTests {
  private struct Hidden: Player {
    let player: any Player
    var name: String { player.name }
    var objective: String { player.objective }
    var size: Int { 1 }
    func cost(at profile: Profile) async throws -> Double { try await player.cost(at: profile) }
  }

  @Test("derivatives are differences of costs", arguments: DiracGAN.allCases)
  func derivatives(form: DiracGAN) async throws {
    var drawing = Drawing(1)
    for player in form.game.players {
      let hidden = Hidden(player: player)
      for _ in 0..<10 {
        let profile = [drawing.vector(1), drawing.vector(1)]
        for place in 0...1 {
          let (own, other) = (
            try await player.gradient(along: place, at: profile),
            try await hidden.gradient(along: place, at: profile)
          )
          #expect(abs(own[0] - other[0]) < 1e-8)
          for moved in 0...1 {
            let (product, difference) = (
              try await player.hessianProduct(along: place, moving: moved, by: [1], at: profile),
              try await hidden.hessianProduct(along: place, moving: moved, by: [1], at: profile)
            )
            #expect(abs(product[0] - difference[0]) < 1e-4)
          }
        }
      }
    }
  }

  @Test(
    "rates at rest are the table's", arguments: [DiracGAN.minimax, .nonSaturating, .wasserstein])
  func rates(form: DiracGAN) async throws {
    let comparison = try await SolverComparison(
      of: form.game, sigmas: [form.sigma], from: [[1], [1]], stepSize: 0.4, steps: 50, width: 1e-5)
    #expect(comparison.rows.count == 8)
    for row in comparison.rows {
      guard let expected = row.expected, let measured = row.measured else { continue }
      #expect(abs(expected - measured) < 1e-8, "\(row.solver)")
    }
  }

  @Test func thePenaltyLetsPlainStepsComeToRest() async throws {
    let solver = SimultaneousGradient(stepSize: 0.2)
    let plain = try await DiracGAN.minimax.game.play(
      solver, named: "", from: [[1], [1]], steps: 3000)
    let penalized = try await DiracGAN.penalized.game.play(
      solver, named: "", from: [[1], [1]], steps: 3000)
    #expect(plain.behavior != .converged && plain.end.flatMap { $0 }.length > 1)
    #expect(penalized.end.flatMap { $0 }.length < 1e-6)
  }
}
