import Platform

/// Repeated retraining on people who answer: by an exact learner and by one that stops early, for several strengths.
public struct PerformativeComparison: Sendable, Hashable, Codable {
  /// The course of one learner.
  public struct Course: Sendable, Hashable, Codable {
    /// How strongly people react.
    public let strength: Double
    /// Whether the learner minimises exactly.
    public let isExact: Bool
    /// Whether the bias is penalised as the other weights are.
    public let penalizesBias: Bool
    /// How far the weights moved in each round.
    public let gaps: [Double]
    /// The loss of each round's weights on the people who have answered them.
    public let risks: [Double]
    /// The share of right decisions about the people who have answered.
    public let accuracies: [Double]
    /// By which factor gaps change from round to round in the end; `nil` where they vanish at once.
    public let factor: Double?
    /// What the course does.
    public let behavior: Behavior
  }

  /// What is known of the data before anybody answers.
  public struct Start: Sendable, Hashable, Codable {
    /// The number of people.
    public let count: Int
    /// The number of weights but the bias.
    public let width: Int
    /// The weight of the penalty, which is the loss's strong convexity.
    public let gamma: Double
    /// The loss's smoothness: a quarter of the mean squared length of a row, and the penalty.
    public let beta: Double
    /// The loss of the exact minimum.
    public let loss: Double
    /// The accuracy of the exact minimum.
    public let accuracy: Double
    /// The length of its weights, the bias among them.
    public let norm: Double
    /// The length of the weights of features that can be changed.
    public let strategicNorm: Double

    /// Below this sensitivity retraining is proved to converge.
    public var threshold: Double { gamma / beta }
  }

  /// A point at which the learner is better off than at rest, since it knows how people answer.
  public struct Lead: Sendable, Hashable, Codable {
    /// How strongly people react.
    public let strength: Double
    /// The loss at rest, where each answers the other.
    public let stableRisk: Double
    /// The loss where the learner leads, found by gradients through people's answers.
    public let optimalRisk: Double
    /// The distance between both.
    public let distance: Double
  }

  /// What is known before anybody answers.
  public let start: Start
  /// The courses.
  public let courses: [Course]
  /// Stable against optimal points where the bias is penalised, for each strength at which retraining comes to rest.
  public let leads: [Lead]

  /// Plays.
  ///
  /// - Parameters:
  ///   - rows: The people.
  ///   - strategic: The columns that they can change.
  ///   - strengths: How strongly they react, each above 0.
  ///   - penalty: The weight of the penalty, above 0.
  ///   - rounds: How often the learner is trained again.
  ///   - progress: Told the number of parts that are done, of `partCount(strengths:)`.
  /// - Throws: `GameError` where there is no minimum; `CancellationError`.
  public init(
    rows: LabeledRows, strategic: [Int], strengths: [Double], penalty: Double, rounds: Int,
    progress: (Int) -> Void = { _ in }
  ) async throws {
    let regression = LogisticRegression(penalty: penalty)
    let first = try regression.minimum(on: rows)
    start = Start(
      count: rows.count, width: rows.width - 1, gamma: penalty,
      beta: regression.smoothness(on: rows), loss: regression.loss(first, on: rows),
      accuracy: rows.accuracy(first), norm: first.norm,
      strategicNorm: strategic.map { first[$0] }.norm)
    var courses: [Course] = []
    for penalizesBias in [false, true] {
      for learner in [CreditGame.Learner.exact, .inexact(InexactDescent())] {
        for strength in strengths {
          let game = CreditGame(
            rows: rows, strategic: strategic, strength: strength,
            regression: LogisticRegression(penalty: penalty, penalizesBias: penalizesBias),
            learner: learner)
          courses.append(try await Self.course(game, rounds: rounds))
          progress(courses.count)
        }
      }
    }
    self.courses = courses
    var leads: [Lead] = []
    for (place, strength) in strengths.enumerated() {
      // A free bias takes the whole shift back, so that at rest is best; a penalised one cannot.
      let game = CreditGame(
        rows: rows, strategic: strategic, strength: strength,
        regression: LogisticRegression(penalty: penalty, penalizesBias: true))
      if let lead = try await Self.lead(game) { leads.append(lead) }
      progress(courses.count + place + 1)
    }
    self.leads = leads
  }

  /// The number of parts.
  public static func partCount(strengths: Int) -> Int { 5 * strengths }

  private static func course(_ game: CreditGame, rounds: Int) async throws -> Course {
    let play = game.game
    var state = SolverState(play.center, of: BestResponseDynamics())
    // The first model is of people as they are.
    state.profile[0] = try await play.players[0].bestResponse(to: state.profile, at: 0) ?? []
    state.profile[1] = try await play.players[1].bestResponse(to: state.profile, at: 1) ?? []
    var (gaps, risks, accuracies): ([Double], [Double], [Double]) = ([], [], [])
    var path = [state.profile[0]]
    for round in 0..<rounds {
      try Task.checkCancellation()
      let old = state.profile[0]
      // The people answer what is new, and the learner is trained on what they did.
      let offset = game.strategic.enumerated().reduce(0) {
        $0 + state.profile[1][$1.offset] * old[$1.element]
      }
      risks.append(game.performativeRisk(old))
      accuracies.append(game.rows.accuracy(old, offset: offset))
      state.steps = max(1, round)
      try await BestResponseDynamics().advance(&state, in: play)
      gaps.append(state.profile[0].plus(old, times: -1).norm)
      path.append(state.profile[0])
    }
    let isExact = game.learner == .exact
    let scale = max(1, path[0].norm)
    let ends = gaps.suffix(4)
    let factor: Double? =
      if let first = ends.first, let last = ends.last, last > 1e-8 * scale {
        first > 0 ? pow(last / first, 1 / Double(max(1, ends.count - 1))) : nil
      } else {
        Self.factor(gaps, above: 1e-10 * scale)
      }
    return Course(
      strength: game.strength, isExact: isExact, penalizesBias: game.regression.penalizesBias,
      gaps: gaps, risks: risks, accuracies: accuracies, factor: factor,
      behavior: ends.allSatisfy { $0 < 1e-7 * scale } ? .converged : .of(path))
  }

  /// The factor between the last two gaps that are not rounding; `nil` where the second is.
  private static func factor(_ gaps: [Double], above floor: Double) -> Double? {
    guard let last = gaps.lastIndex(where: { $0 > floor }), last > 0 else { return nil }
    return gaps[last] / gaps[last - 1]
  }

  /// `nil` where retraining does not come to rest.
  private static func lead(_ game: CreditGame) async throws -> Lead? {
    let play = game.game
    let stable = try await play.play(BestResponseDynamics(), named: "best-response", steps: 100)
    guard stable.behavior == .converged else { return nil }
    let stableWeights = stable.end[0]
    let optimal = try await LeaderDescent.minimum(of: play, from: stable.end)
    return Lead(
      strength: game.strength, stableRisk: game.performativeRisk(stableWeights),
      optimalRisk: game.performativeRisk(optimal),
      distance: optimal.plus(stableWeights, times: -1).norm)
  }
}
