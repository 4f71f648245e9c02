/// A model of credit risk against people who change some of their features to look better.
///
/// The learner, a logistic regression, predicts default. Everyone gains what the score falls by and pays for the
/// squared change, so that all move alike: by -eps times the weights of the features that can be changed. What comes to
/// rest is stable, and an equilibrium; what the learner would choose if it led is performatively optimal. Perdomo,
/// Zrnic, Mendler-Dünner and Hardt, "Performative prediction", 2020, https://arxiv.org/abs/2002.06673.
public struct CreditGame: Sendable {
  /// The people as they are.
  public let rows: LabeledRows
  /// The columns that people can change.
  public let strategic: [Int]
  /// How strongly people react, above 0.
  public let strength: Double
  /// The loss.
  public let regression: LogisticRegression
  /// Who learns.
  public let learner: Learner

  /// How exactly the learner minimises.
  public enum Learner: Sendable, Hashable {
    /// By Newton's method, to rounding.
    case exact
    /// By gradient descent that stops early, as in the published experiment.
    case inexact(InexactDescent)
  }

  /// Creates a game; traps unless the strategic columns are columns of the rows.
  public init(
    rows: LabeledRows, strategic: [Int], strength: Double, regression: LogisticRegression,
    learner: Learner = .exact
  ) {
    precondition(strategic.allSatisfy { 0..<rows.width - 1 ~= $0 }, "a column beyond the features")
    self.rows = rows
    self.strategic = strategic
    self.strength = strength
    self.regression = regression
    self.learner = learner
  }

  /// The game, in which the learner is trained again and again.
  public var game: Game {
    Game(
      "performative", order: .retraining, players: [CreditLearner(game: self), People(game: self)])
  }

  /// A shift of the strategic columns as one of all columns.
  func shift(_ change: [Double], weight: Double = 1) -> LogisticRegression.Shift {
    var vector = [Double](repeating: 0, count: rows.width)
    for (place, column) in strategic.enumerated() { vector[column] = change[place] }
    return LogisticRegression.Shift(weight: weight, vector)
  }

  /// The loss of weights on the people who have answered them.
  public func performativeRisk(_ weights: [Double]) -> Double {
    regression.loss(
      weights, on: rows, shifts: [shift(strategic.map { -strength * weights[$0] })])
  }
}

/// The learner: chooses weights, the bias last.
struct CreditLearner: MixtureLearner {
  let game: CreditGame
  let name = "learner"
  let objective = "mean logistic loss of scores of changed people + lambda |theta|^2 / 2"

  var size: Int { game.rows.width }

  func cost(at profile: Profile) -> Double {
    game.regression.loss(profile[0], on: game.rows, shifts: [game.shift(profile[1])])
  }

  func gradient(along place: Int, at profile: Profile) -> [Double] {
    let here = game.regression.local(
      profile[0], on: game.rows, [game.shift(profile[1])], curvature: false)
    return place == 0
      ? here.gradient : game.strategic.map { here.meanResidual * profile[0][$0] }
  }

  func hessianProduct(
    along place: Int, moving moved: Int, by direction: [Double], at profile: Profile
  ) -> [Double] {
    let theta = profile[0]
    let here = game.regression.local(
      theta, on: game.rows, [game.shift(profile[1])], curvature: true)
    let strategic = game.strategic
    switch (place, moved) {
    case (0, 0): return here.curvature.times(direction)
    case (1, 1):
      let push = zip(strategic, direction).reduce(0) { $0 + theta[$1.0] * $1.1 }
      return strategic.map { here.meanSlope * push * theta[$0] }
    case (0, _):
      // A shift changes every score alike, and the features that weigh.
      let push = zip(strategic, direction).reduce(0) { $0 + theta[$1.0] * $1.1 }
      var change = here.slopeMoments.scaled(by: push)
      for (column, amount) in zip(strategic, direction) {
        change[column] += here.meanResidual * amount
      }
      return change
    default:
      let push = here.slopeMoments.dot(direction)
      return strategic.map { push * theta[$0] + here.meanResidual * direction[$0] }
    }
  }

  func bestResponse(to profile: Profile, at place: Int) throws -> [Double]? {
    switch game.learner {
    case .exact: try bestResponse(toMixture: [(1, profile)])
    case .inexact(let descent):
      descent.descend(game.regression, on: game.rows, shift: game.shift(profile[1])).weights
    }
  }

  func bestResponse(toMixture parts: [(weight: Double, profile: Profile)]) throws -> [Double] {
    try game.regression.minimum(
      on: game.rows, shifts: parts.map { game.shift($0.profile[1], weight: $0.weight) },
      from: parts.last?.profile[0])
  }
}

/// The people: choose by how much each strategic feature changes, all alike.
struct People: Player {
  let game: CreditGame
  let name = "people"
  let objective = "change of the score + |change|^2 / (2 eps)"

  var size: Int { game.strategic.count }

  private func weights(_ profile: Profile) -> [Double] { game.strategic.map { profile[0][$0] } }

  func cost(at profile: Profile) -> Double {
    weights(profile).dot(profile[1]) + profile[1].dot(profile[1]) / (2 * game.strength)
  }

  func gradient(along place: Int, at profile: Profile) -> [Double] {
    guard place == 0 else {
      return weights(profile).plus(profile[1], times: 1 / game.strength)
    }
    return game.shift(profile[1]).vector
  }

  func hessianProduct(
    along place: Int, moving moved: Int, by direction: [Double], at profile: Profile
  ) -> [Double] {
    switch (place, moved) {
    case (0, 0): [Double](repeating: 0, count: game.rows.width)
    case (1, 1): direction.scaled(by: 1 / game.strength)
    case (0, _): game.shift(direction).vector
    default: game.strategic.map { direction[$0] }
    }
  }

  func bestResponse(to profile: Profile, at place: Int) -> [Double]? {
    weights(profile).scaled(by: -game.strength)
  }
}
