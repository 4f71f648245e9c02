/// How a rule is learnt of people who may answer it.
public enum StrategicLearner: String, Sendable, Hashable, Codable, CaseIterable {
  /// By logistic regression on people as they are, with the threshold of most right decisions about them.
  case naive
  /// Knowing what changes cost: the direction and the threshold of most right decisions after everyone's answer.
  case stackelberg
  /// Knowing what changes cost only up to a factor of two either way: best in the worst case.
  case robust

  /// The learner in words.
  public var words: String {
    switch self {
    case .naive: "knows of no answer"
    case .stackelberg: "knows the costs"
    case .robust: "knows the costs up to a factor of 2"
    }
  }
}

extension StrategicGame {
  /// By how much more than the others the weights of features that can be changed are penalised, one try each.
  private static let cautions = [0.0, 0.03, 0.3, 3, 30]

  /// Learns a rule.
  ///
  /// The direction is the best of some logistic regressions that trust features which can be changed less and less; for
  /// each of them the threshold is exact: the one with the most right decisions, given the largest score that everyone
  /// can have. The naive learner trusts all features and looks at scores as they are.
  ///
  /// - Parameters:
  ///   - learner: How.
  ///   - penalty: The weight of squared weights of standardised features; above 0.
  /// - Returns: The rule.
  /// - Throws: `GameError` where all people have one label, or a regression has no minimum.
  /// - Complexity: A few regressions, and the largest score of each person for each of them.
  public func learn(
    _ learner: StrategicLearner, penalty: Double? = nil
  ) throws(GameError) -> LinearRule {
    guard isQualified.contains(true), isQualified.contains(false) else {
      throw GameError(
        "the people to learn from all have the same label; expected more people of both")
    }
    let penalty = penalty ?? 1 / Double(people.count)
    let encoding = Encoding(self)
    var best: (rule: LinearRule, right: Double)?
    for caution in learner == .naive ? [0] : Self.cautions {
      var rule = try encoding.rule(penalty: penalty, caution: caution)
      let (threshold, right) = try threshold(of: rule, learner)
      rule.threshold = threshold
      if best.map({ right > $0.right }) ?? true { best = (rule, right) }
    }
    guard let best else { preconditionFailure("no direction was tried") }
    return best.rule
  }

  /// The threshold with the most right decisions, and their share; of several costs, in the worst case.
  private func threshold(
    of rule: LinearRule, _ learner: StrategicLearner
  ) throws(GameError) -> (threshold: Double, right: Double) {
    var reaches: [[Double]] = []
    switch learner {
    case .naive: reaches = [people.map { rule.score($0, costs.features) }]
    case .stackelberg, .robust:
      for factor in learner == .robust ? [0.5, 1, 2] : [1] {
        let responder = try Responder(costs: costs.scaled(by: factor), rule: rule)
        reaches.append(people.map { responder.reach($0) })
      }
    }
    let steps = reaches.map { Steps($0, isQualified) }
    var candidates = Set(steps.flatMap(\.scores)).sorted()
    // Beyond all scores everyone is refused.
    if let last = candidates.last, last.isFinite { candidates.append(last + 2) }
    var best = (threshold: 0.0, right: -1.0)
    for (place, score) in candidates.enumerated() {
      // Halfway to the next lower score, so that rounding of an answer decides nothing.
      let lower = place > 0 ? candidates[place - 1] : score - 1
      let threshold = score / 2 + lower / 2
      let right = steps.map { $0.right(threshold) }.min() ?? 0
      if right > best.right { best = (threshold, right) }
    }
    return best
  }
}

/// How many decisions are right for each threshold.
private struct Steps {
  let scores: [Double]
  /// For each place the number of qualified people from there on, and of others before.
  private let rights: [Int]

  init(_ reaches: [Double], _ isQualified: [Bool]) {
    let order = reaches.indices.sorted { reaches[$0] < reaches[$1] }
    scores = order.map { reaches[$0] }
    var right = isQualified.count { $0 }
    var rights = [right]
    for place in order {
      right += isQualified[place] ? -1 : 1
      rights.append(right)
    }
    self.rights = rights
  }

  /// The share of right decisions if all from a score on are accepted.
  func right(_ threshold: Double) -> Double {
    var (low, high) = (0, scores.count)
    while low < high {
      let middle = (low + high) / 2
      if scores[middle] < threshold { low = middle + 1 } else { high = middle }
    }
    return Double(rights[low]) / Double(max(1, scores.count))
  }
}

/// People as rows of standardised numbers, and of ones and zeros for categories.
private struct Encoding {
  private let game: StrategicGame
  private let means: [Double]
  private let deviations: [Double]
  private let rows: LabeledRows

  init(_ game: StrategicGame) {
    self.game = game
    let count = Double(game.people.count)
    var (means, deviations): ([Double], [Double]) = ([], [])
    for (place, feature) in game.costs.features.enumerated() {
      guard case .number = feature.kind else {
        means.append(0)
        deviations.append(1)
        continue
      }
      let mean = game.people.reduce(0) { $0 + $1[place] } / count
      let square = game.people.reduce(0) { $0 + ($1[place] - mean) * ($1[place] - mean) } / count
      means.append(mean)
      // A column that never changes says nothing, whatever its weight.
      deviations.append(square > 0 ? square.squareRoot() : 1)
    }
    (self.means, self.deviations) = (means, deviations)
    let features = game.costs.features
    rows = LabeledRows(
      features: game.people.map { [means, deviations] person in
        features.indices.flatMap { place -> [Double] in
          switch features[place].kind {
          case .number: [(person[place] - means[place]) / deviations[place]]
          case .category(let names):
            names.indices.map { $0 == Int(person[place]) ? 1 : 0 }
          }
        }
      }, labels: game.isQualified.map { $0 ? 1 : 0 })
  }

  /// The rule of a regression with a larger penalty where features can be changed.
  func rule(penalty: Double, caution: Double) throws(GameError) -> LinearRule {
    var regression = LogisticRegression(penalty: penalty)
    regression.extraPenalties =
      zip(game.costs.features, game.shape).flatMap { feature, count in
        [Double](repeating: feature.change == .never ? 0 : caution, count: count)
      } + [0]
    let theta = try regression.minimum(on: rows)
    var rest = theta[...]
    let weights = game.costs.features.indices.map { place -> [Double] in
      let count = game.shape[place]
      defer { rest = rest.dropFirst(count) }
      return rest.prefix(count).map { $0 / deviations[place] }
    }
    // Scores without the bias and the means: the threshold is found afterwards.
    return LinearRule(weights: weights, threshold: 0)
  }
}
