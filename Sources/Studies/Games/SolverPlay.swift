import Games
import Tensors

/// Several solvers on a game that rests at zero.
struct SolverPlay: Playing {
  private let game: Game
  private let sigmas: [Double]
  private let start: Profile
  private let stepSize: Double
  private let steps: Int
  private let width: Double
  private let isBilinear: Bool

  private init(
    _ game: Game, _ sigmas: [Double], _ asked: PlaySpecification, stepSize: Double,
    isBilinear: Bool
  ) {
    self.game = game
    self.sigmas = sigmas
    self.stepSize = asked.stepSize ?? stepSize
    self.isBilinear = isBilinear
    steps = asked.rounds ?? 300
    // Near rest the rates are those of the derivative.
    width = game.name == "bilinear" ? 1 : 1e-5
    var draws = RandomKey(seed: asked.seed).child("start").generator
    start = game.players.map { player in
      (0..<player.size).map { _ in 1 + Double(draws.normalPair().0) / 4 }
    }
  }

  /// The game of one number each, x y.
  init(bilinear asked: PlaySpecification, telling observer: Observer) throws {
    self.init(
      .bilinear(Matrix([[1]])), [1], asked, stepSize: 0.3, isBilinear: true)
  }

  /// The Dirac-GAN.
  init(dirac asked: PlaySpecification, telling observer: Observer) throws {
    let form = try asked.form.map { try PlaySpecification.form($0) } ?? .minimax
    self.init(
      form.game, [form.sigma], asked, stepSize: 0.3, isBilinear: form != .penalized)
  }

  func play(telling observer: Observer) async throws -> PlayOutcome {
    let stage = observer.begin("play", of: SolverComparison.solverCount, "solvers")
    defer { stage.finish() }
    return .solvers(
      try await SolverComparison(
        of: game, sigmas: sigmas, from: start, stepSize: stepSize, steps: steps, width: width,
        isBilinear: isBilinear
      ) { stage.show($0) })
  }
}
