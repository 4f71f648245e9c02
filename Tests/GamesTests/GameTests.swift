import Foundation
import Games
import Testing

/// The core: derivatives, courses, and what they are said to do.
@Suite struct GameTests {
  /// A player who says nothing but its cost.
  private struct Plain: Player {
    let name: String
    let size = 2
    let objective = "anything smooth"
    let weight: Double
    func cost(at profile: Profile) -> Double {
      let (x, y) = (profile[0], profile[1])
      return sin(x[0] * y[1]) + weight * x[1] * x[1] * y[0] + exp(0.3 * x[0]) * y[0]
    }
  }

  @Test func differencesAreDerivatives() async throws {
    let player = Plain(name: "plain", weight: 0.7)
    var drawing = Drawing(2)
    for _ in 0..<20 {
      let (x, y) = (drawing.vector(2), drawing.vector(2))
      let slope = try await player.gradient(along: 0, at: [x, y])
      let expected = [
        y[1] * cos(x[0] * y[1]) + 0.3 * exp(0.3 * x[0]) * y[0], 1.4 * x[1] * y[0],
      ]
      #expect(zip(slope, expected).allSatisfy { abs($0 - $1) < 1e-8 })
      let change = try await player.hessianProduct(
        along: 0, moving: 1, by: [1, 0], at: [x, y])
      #expect(abs(change[0] - 0.3 * exp(0.3 * x[0])) < 1e-4 && abs(change[1] - 1.4 * x[1]) < 1e-4)
    }
  }

  @Test func theTransposedJacobianIsTransposed() async throws {
    var drawing = Drawing(4)
    let game = Game(
      "plain", players: [Plain(name: "a", weight: 0.7), Plain(name: "b", weight: -1)])
    for _ in 0..<10 {
      let profile = [drawing.vector(2), drawing.vector(2)]
      let (u, v) = (
        [drawing.vector(2), drawing.vector(2)], [drawing.vector(2), drawing.vector(2)]
      )
      let forward = try await game.jacobianProduct(with: v, at: profile)
      let backward = try await game.transposedJacobianProduct(with: u, at: profile)
      func dot(_ a: Profile, _ b: Profile) -> Double {
        zip(a.flatMap { $0 }, b.flatMap { $0 }).reduce(0) { $0 + $1.0 * $1.1 }
      }
      #expect(abs(dot(u, forward) - dot(backward, v)) < 1e-3)
    }
  }

  @Test func aGradientFromElsewhereIsUsed() async throws {
    // All gradients at once, as a network on another thread would give them.
    actor Machine {
      private(set) var calls = 0
      func field(_ profile: Profile) -> Profile {
        calls += 1
        return [[profile[1][0]], [-profile[0][0]]]
      }
    }
    struct Silent: Player {
      struct Asked: Error {}
      let name: String
      let size = 1
      let objective = "unknown here"
      func cost(at profile: Profile) async throws -> Double { 0 }
      func gradient(along place: Int, at profile: Profile) async throws -> [Double] {
        throw Asked()
      }
    }
    let machine = Machine()
    let game = Game("joint", players: [Silent(name: "x"), Silent(name: "y")]) {
      await machine.field($0)
    }
    let path = try await game.play(
      Extragradient(stepSize: 0.5), named: "", from: [[1], [1]], steps: 50)
    #expect(await machine.calls == 100)
    let rate = pow(1 - 0.25 + 0.0625, 25)
    #expect(abs(path.end.flatMap { $0 }.length - 2.0.squareRoot() * rate) < 1e-12)
  }

  @Test func behaviours() {
    func path(_ point: (Double) -> [Double]) -> Behavior {
      .of((0..<400).map { point(Double($0)) })
    }
    #expect(path { [cos(0.1 * $0), sin(0.1 * $0)] } == .cycling)
    #expect(path { $0.truncatingRemainder(dividingBy: 2) == 0 ? [1, 0] : [-1, 0] } == .cycling)
    #expect(path { [exp(-0.01 * $0) * cos($0), exp(-0.01 * $0) * sin($0)] } == .converging)
    #expect(path { [exp(0.01 * $0) * cos($0), exp(0.01 * $0) * sin($0)] } == .diverging)
    #expect(path { [0.1 * $0, 0] } == .moving)
    #expect(path { [exp(-0.2 * $0), 3] } == .converged)
    #expect(path { [$0 < 10 ? 1 : .infinity, 0] } == .diverging)
  }

  @Test func coursesAreData() async throws {
    let game = try MatrixGame(Matrix([[1, -1], [-1, 1]])).game
    var recording = Game.Recording()
    recording.measuresExploitability = true
    recording.mostPoints = 20
    let path = try await game.play(
      MultiplicativeWeights(stepSize: .constant(0.1)), named: "multiplicative-weights",
      from: [[0.8, 0.2], [0.3, 0.7]], steps: 500, recording: recording)
    let copy = try JSONDecoder().decode(Trajectory.self, from: JSONEncoder().encode(path))
    #expect(copy == path)
    #expect(path.points.count <= 21 && path.points[0].step == 0 && path.steps == 500)
    #expect(path.points.allSatisfy { ($0.exploitability?.total ?? -1) >= 0 })
    let averages = path.points.compactMap { $0.averageExploitability?.total }
    #expect(averages.count == path.points.count && averages[averages.count - 1] < 0.1)
    // The last round itself goes away from the equilibrium.
    #expect(
      (path.points.last?.exploitability?.total ?? 0) > (path.points[0].exploitability?.total ?? 9))
  }

  @Test func whatDoesNotFitIsSaid() async throws {
    let game = Game.bilinear(Matrix([[1]]))
    await #expect(throws: GameError("bilinear: x chooses 2 numbers; expected 1")) {
      try await game.play(ProximalPoint(stepSize: 1), named: "", from: [[1, 1], [1]], steps: 1)
    }
    for solver in [
      FictitiousPlay() as any Solver, MultiplicativeWeights(stepSize: .constant(1)),
      BestResponseDynamics(), RepeatedGradient(stepSize: 0.1), StackelbergImplicit(stepSize: 0.1),
    ] {
      await #expect(throws: GameError.self) {
        try await game.play(solver, named: "", steps: 1)
      }
    }
  }

  @Test func everySolverIsInTheTableOnce() throws {
    let names = SolverCatalogue.rows.map(\.name)
    #expect(Set(names).count == names.count && names.count == 15)
    #expect(throws: GameError.self) { try SolverCatalogue.row("gradient") }
  }
}
