/// Several solvers on one game that rests at zero: their courses, and their rates there beside closed forms.
public struct SolverComparison: Sendable, Hashable, Codable {
  /// A solver.
  public struct Row: Sendable, Hashable, Codable {
    /// The solver's name.
    public let solver: String
    /// The modulus of a step as a formula; empty where there is none.
    public let formula: String
    /// The modulus by the formula; `nil` where there is none.
    public let expected: Double?
    /// The spectral radius of a step, recovered by running the solver; `nil` where its steps are not differentiable.
    public let measured: Double?
    /// The course.
    public let trajectory: Trajectory
    /// The distance from zero at the end, as a share of that at the start.
    public let distanceLeft: Double
    /// What the course does, judged by its distance from zero.
    public let behavior: Behavior
  }

  /// The game.
  public let game: String
  /// A place and where both players' gradients lead from there, in a game of one number each.
  public struct Arrow: Sendable, Hashable, Codable {
    /// What both have chosen.
    public let place: [Double]
    /// Where plain descent would go.
    public let direction: [Double]
  }

  /// The step size of all solvers.
  public let stepSize: Double
  /// The field on a grid of 13 by 13 places from -3 to 3; empty unless each player has one number.
  public let field: [Arrow]
  /// The rows, in the order of the catalogue.
  public let rows: [Row]

  /// Plays a game by all solvers that need nothing but derivatives.
  ///
  /// - Parameters:
  ///   - game: The game, which rests at zero.
  ///   - sigmas: The singular values of the bilinear game that it is near zero.
  ///   - start: Where all begin.
  ///   - stepSize: The step size of all solvers.
  ///   - steps: How many steps each makes.
  ///   - width: How far from zero steps are compared for the measured rate; 1 for bilinear games.
  ///   - isBilinear: Whether the closed forms hold.
  ///   - progress: Told the number of solvers that are done.
  /// - Throws: What solvers throw; `CancellationError`.
  public init(
    of game: Game, sigmas: [Double], from start: Profile, stepSize: Double, steps: Int,
    width: Double = 1, isBilinear: Bool = true, progress: (Int) -> Void = { _ in }
  ) async throws {
    let solvers = SolverCatalogue.rows.filter {
      $0.needs == .gradients || $0.needs == .secondDerivatives
    }
    var rows: [Row] = []
    for row in solvers {
      let solver = row.make(stepSize)
      let course = try await game.play(solver, named: row.name, from: start, steps: steps)
      // Adam's steps have the same length however small gradients are.
      let isSmooth = row.fate != .approaches
      rows.append(
        Row(
          solver: row.name, formula: isBilinear ? row.formula : "",
          expected: isBilinear
            ? row.modulus.map { modulus in sigmas.map { modulus(stepSize, $0) }.max() ?? 1 } : nil,
          measured: isSmooth
            ? try await game.stepMap(of: solver, width: width).spectralRadius : nil,
          trajectory: course, distanceLeft: course.end.norm / start.norm,
          behavior: .of(
            course.points.map { $0.profile.flatMap { $0 } },
            around: start.flatMap { $0 }.map { _ in 0 })))
      progress(rows.count)
    }
    var field: [Arrow] = []
    if game.players.map(\.size) == [1, 1] {
      for row in -6...6 {
        for column in -6...6 {
          let place = [Double(column) / 2, Double(row) / 2]
          let slopes = try await game.gradients(at: [[place[0]], [place[1]]])
          field.append(Arrow(place: place, direction: [-slopes[0][0], -slopes[1][0]]))
        }
      }
    }
    self.field = field
    self.game = game.name
    self.stepSize = stepSize
    self.rows = rows
  }

  /// How many solvers are compared.
  public static var solverCount: Int {
    SolverCatalogue.rows.count { $0.needs == .gradients || $0.needs == .secondDerivatives }
  }
}
