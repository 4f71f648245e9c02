/// A rule against people who change what they can when that gets them accepted.
///
/// The learner leads: it announces a rule and wants to be right about people as they are; each of them answers by the
/// cheapest change that is worth it. Hardt, Megiddo, Papadimitriou and Wootters, "Strategic classification", 2016,
/// https://arxiv.org/abs/1506.06980.
public struct StrategicGame: Sendable {
  /// What changes cost.
  public let costs: ChangeCosts
  /// The values of each person, in the order of the costs' features; categories by their places.
  public let people: [[Double]]
  /// Whether each is truly qualified.
  public let isQualified: [Bool]

  /// Creates a game; traps unless each person has a value for each feature and a label.
  public init(costs: ChangeCosts, people: [[Double]], isQualified: [Bool]) {
    precondition(
      people.count == isQualified.count, "\(isQualified.count) labels of \(people.count)")
    precondition(people.allSatisfy { $0.count == costs.features.count }, "a person lacks a value")
    self.costs = costs
    self.people = people
    self.isQualified = isQualified
  }

  /// The same people under other costs.
  public func with(_ costs: ChangeCosts) -> StrategicGame {
    StrategicGame(costs: costs, people: people, isQualified: isQualified)
  }

  /// Some of the people.
  public func subset(_ places: [Int]) -> StrategicGame {
    StrategicGame(
      costs: costs, people: places.map { people[$0] }, isQualified: places.map { isQualified[$0] })
  }

  /// How many weights a rule has: one for each number and each category.
  public var weightCount: Int { shape.reduce(0, +) }

  /// How many weights each feature has.
  var shape: [Int] {
    costs.features.map { if case .category(let names) = $0.kind { names.count } else { 1 } }
  }

  /// The rule of a list of numbers, the threshold last.
  public func rule(_ numbers: [Double]) -> LinearRule {
    var rest = numbers[...]
    let weights = shape.map { count -> [Double] in
      defer { rest = rest.dropFirst(count) }
      return Array(rest.prefix(count))
    }
    return LinearRule(weights: weights, threshold: numbers.last ?? 0)
  }

  /// The game of the learner, who leads, and the people, who follow.
  ///
  /// The learner chooses a rule's weights and threshold; the people choose all of their values.
  public var game: Game {
    Game("strategic", order: .leader, players: [Judge(game: self), Crowd(game: self)])
  }

  /// What comes of a rule.
  ///
  /// - Throws: `GameError` where there are too many combinations of categories.
  public func outcome(of rule: LinearRule) throws(GameError) -> StrategicOutcome {
    let responder = try Responder(costs: costs, rule: rule)
    return StrategicOutcome(
      people.map { responder.answer($0) },
      wasAccepted: people.map { rule.score($0, costs.features) >= rule.threshold },
      isQualified: isQualified)
  }
}

/// The learner: its cost is the share of people that it is wrong about.
private struct Judge: Player {
  let game: StrategicGame
  let name = "learner"
  let objective = "share of wrong decisions about changed people"

  var size: Int { game.weightCount + 1 }

  func cost(at profile: Profile) -> Double {
    let (rule, features) = (game.rule(profile[0]), game.costs.features)
    let wrong = game.isQualified.indices.count { person in
      let start = person * features.count
      let values = Array(profile[1][start..<start + features.count])
      return (rule.score(values, features) >= rule.threshold) != game.isQualified[person]
    }
    return Double(wrong) / Double(max(1, game.people.count))
  }
}

/// The people: their cost is what they spend, less what it is worth to be accepted.
private struct Crowd: Player {
  let game: StrategicGame
  let name = "people"
  let objective = "cost of change - benefit where accepted"

  var size: Int { game.people.count * game.costs.features.count }

  /// The cost of each person's own change is that of the cheapest way to the same score.
  func cost(at profile: Profile) throws -> Double {
    let rule = game.rule(profile[0])
    let width = game.costs.features.count
    return game.people.enumerated().reduce(0) { sum, person in
      let values = Array(profile[1][person.offset * width..<(person.offset + 1) * width])
      let isAccepted = rule.score(values, game.costs.features) >= rule.threshold - 1e-9
      return sum + game.costs.cost(from: person.element, to: values)
        - (isAccepted ? game.costs.benefit : 0)
    }
  }

  func bestResponse(to profile: Profile, at place: Int) throws -> [Double]? {
    let responder = try Responder(costs: game.costs, rule: game.rule(profile[0]))
    return game.people.flatMap { responder.answer($0).values }
  }
}

extension ChangeCosts {
  /// What a change costs.
  public func cost(from old: [Double], to new: [Double]) -> Double {
    var (sum, categories) = (0.0, 0.0)
    for (place, feature) in features.enumerated() where old[place] != new[place] {
      let change = new[place] - old[place]
      switch (feature.kind, shape) {
      case (.category, _): categories += feature.price
      case (_, .l1): sum += feature.price * abs(change)
      case (_, .euclidean): sum += feature.price * feature.price * change * change
      case (_, .quadratic): sum += feature.price * change * change
      case (_, .separable): sum += feature.price * (feature.change == .down ? -change : change)
      }
    }
    let numbers =
      switch shape {
      case .euclidean: sum.squareRoot()
      case .separable: max(0, sum)
      case .l1, .quadratic: sum
      }
    return factor * (numbers + categories)
  }
}
