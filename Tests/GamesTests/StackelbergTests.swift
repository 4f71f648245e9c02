import Games
import Testing

/// Leaders on quadratic games, where all gradients are known.
@Suite struct StackelbergTests {
  /// A leader with a follower whose cost is strongly convex.
  private func game(_ drawing: inout Drawing) -> (game: Game, follower: QuadraticPlayer) {
    let (m, n) = (drawing.integer(1...6), drawing.integer(1...6))
    func positive(_ size: Int) -> Matrix {
      let matrix = drawing.matrix(size, size)
      var gram = Matrix((0..<size).map { matrix.transposedTimes(matrix.column($0)) })
      // Exactly symmetric, and away from singular.
      for row in 0..<size {
        for column in 0..<row { gram[row, column] = gram[column, row] }
        gram[row, row] += 1
      }
      return gram
    }
    func player(_ name: String, _ place: Int) -> QuadraticPlayer {
      let mixed = drawing.matrix(m, n)
      return QuadraticPlayer(
        name, place: place, curvature: [[positive(m), mixed], [mixed.transposed, positive(n)]],
        slope: [drawing.vector(m), drawing.vector(n)])
    }
    let (leader, follower) = (player("leader", 0), player("follower", 1))
    return (Game("quadratic", order: .leader, players: [leader, follower]), follower)
  }

  @Test func implicitUnrolledAndExactGradientsAgree() async throws {
    for seed in 0..<100 {
      var drawing = Drawing(seed)
      let (game, follower) = game(&drawing)
      let x = drawing.vector(game.players[0].size)
      func answered(_ x: [Double]) throws -> Profile {
        let start = [x, [Double](repeating: 0, count: follower.size)]
        return [x, try #require(follower.bestResponse(to: start, at: 1))]
      }
      // The cost after the answer is quadratic, so that central differences are exact however wide.
      var exact: [Double] = []
      for place in x.indices {
        var costs: [Double] = []
        for step in [0.5, -0.5] {
          var moved = x
          moved[place] += step
          costs.append(try await game.players[0].cost(at: try answered(moved)))
        }
        exact.append(costs[0] - costs[1])
      }
      let profile = try answered(x)
      let implicit = try await StackelbergImplicit.totalGradient(at: profile, in: game)
      let largest = follower.curvature[1][1].singularValues[0]
      let unrolled = try await StackelbergUnrolled(
        stepSize: 0.1, followerStepSize: 1 / largest, followerSteps: 2000
      ).totalGradient(at: [x, drawing.vector(follower.size)], in: game)
      let scale = max(1, exact.length)
      #expect(zip(implicit, exact).allSatisfy { abs($0 - $1) < 1e-6 * scale }, "\(seed)")
      #expect(zip(unrolled.gradient, exact).allSatisfy { abs($0 - $1) < 1e-6 * scale }, "\(seed)")
      #expect(zip(unrolled.end[1], profile[1]).allSatisfy { abs($0 - $1) < 1e-6 })
    }
  }

  @Test func aLeaderEndsNoWorseThanInAnEquilibrium() async throws {
    // A duopoly: the leader sells as much as a monopoly would, half as much again as in equilibrium.
    let q = 6.0
    func firm(_ name: String, _ place: Int) -> QuadraticPlayer {
      let own = Matrix([[2]])
      let (other, none) = (Matrix([[1]]), Matrix([[0]]))
      return QuadraticPlayer(
        name, place: place,
        curvature: place == 0 ? [[own, other], [other, none]] : [[none, other], [other, own]],
        slope: place == 0 ? [[-q], [0]] : [[0], [-q]])
    }
    let game = Game("duopoly", order: .leader, players: [firm("first", 0), firm("second", 1)])
    let nash = try await game.play(BestResponseDynamics(), named: "", steps: 100)
    #expect(abs(nash.end[0][0] - q / 3) < 1e-9 && abs(nash.end[1][0] - q / 3) < 1e-9)
    let lead = try await game.play(StackelbergImplicit(stepSize: 0.2), named: "", steps: 300)
    #expect(abs(lead.end[0][0] - q / 2) < 1e-9 && abs(lead.end[1][0] - q / 4) < 1e-9)
    let (before, after) = (
      try await game.costs(at: nash.end), try await game.costs(at: lead.end)
    )
    #expect(after[0] < before[0] && after[1] > before[1])
    let gap = try #require(try await game.exploitability(at: nash.end))
    #expect(gap.total < 1e-12)
    #expect(try #require(try await game.exploitability(at: lead.end)).total > 0.1)
  }

  @Test func severalFollowersAnswerAtOnce() async throws {
    // Followers pull at each other: the leader's gradient goes through their equilibrium.
    struct Follower: Player {
      let name: String
      let size = 1
      let objective = "(y - x - b other)^2 / 2"
      let coupling: Double
      func cost(at profile: Profile) -> Double {
        let place = name == "first" ? 1 : 2
        let rest =
          profile[place][0] - profile[0][0] - coupling * profile[3 - place][0]
        return rest * rest / 2
      }
      func bestResponse(to profile: Profile, at place: Int) -> [Double]? {
        [profile[0][0] + coupling * profile[3 - place][0]]
      }
    }
    struct Leader: Player {
      let name = "leader"
      let size = 1
      let objective = "y1 + 2 y2"
      func cost(at profile: Profile) -> Double { profile[1][0] + 2 * profile[2][0] }
    }
    let game = Game(
      "team", order: .leader,
      players: [
        Leader(), Follower(name: "first", coupling: 0.5), Follower(name: "second", coupling: 0.2),
      ])
    // y1 = x + y2 / 2 and y2 = x + y1 / 5, hence y1 = 5 x / 3 and y2 = 4 x / 3.
    let gradient = try await StackelbergImplicit.totalGradient(
      at: [[1], [5.0 / 3], [4.0 / 3]], in: game)
    // Costs alone were given: second derivatives are differences of differences.
    #expect(abs(gradient[0] - 13.0 / 3) < 1e-4)
  }
}
