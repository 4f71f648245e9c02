import Datasets
public import Games
import Settings
import Tensors

/// What came of rules that people answer.
public struct StrategicReport: Sendable, Hashable, Codable {
  /// What came of one learner's rule.
  public struct Row: Sendable, Hashable, Codable {
    /// The learner.
    public let learner: StrategicLearner
    /// Its rule.
    public let rule: LinearRule
    /// What came of it, on people who were held out, without what each of them does.
    public let outcome: Summary
  }

  /// The numbers of an outcome.
  public struct Summary: Sendable, Hashable, Codable {
    /// The share of right decisions about people as they are.
    public let accuracy: Double
    /// The share of right decisions once everyone has answered.
    public let gamedAccuracy: Double
    /// The share of those rejected as they are who change.
    public let moversAmongRejected: Double
    /// What the truly qualified pay in the mean to be accepted, of those who can be.
    public let burden: Double
    /// The share of the truly qualified who cannot be accepted by any change.
    public let excluded: Double
    /// The share of the truly qualified and rejected whom a worthwhile change gets accepted.
    public let recourse: Double
    /// The share of those accepted in the end who are not qualified.
    public let gamedShare: Double

    init(_ outcome: StrategicOutcome) {
      accuracy = outcome.accuracy
      gamedAccuracy = outcome.gamedAccuracy
      moversAmongRejected = outcome.moversAmongRejected
      burden = outcome.burden
      excluded = outcome.excluded
      recourse = outcome.recourse
      gamedShare = outcome.gamedShare
    }
  }

  /// A point of the sweep of costs.
  public struct Sweep: Sendable, Hashable, Codable {
    /// By what all costs are multiplied.
    public let factor: Double
    /// For each learner, in the order of the rows, what came of it.
    public let outcomes: [Summary]
  }

  /// A person and the smallest worthwhile change.
  public struct Person: Sendable, Hashable, Codable {
    /// The number of the person: the line of the table, or the place from 1 among people who are drawn.
    public let number: Int
    /// Whether the person is truly qualified.
    public let isQualified: Bool
    /// The values as they are, in words for categories.
    public let values: [String]
    /// What is done and what comes of it, in words, against the naive learner's rule.
    public let advice: String
    /// What the change costs; `nil` where none gets accepted.
    public let cost: Double?
    /// Whether it is worth it.
    public let moves: Bool
  }

  /// The people.
  public let data: String
  /// The features and what changes cost.
  public let costs: ChangeCosts
  /// How many people rules were learnt of.
  public let trained: Int
  /// How many they were judged on.
  public let judged: Int
  /// The share of the qualified among these.
  public let qualified: Double
  /// Rows that were left out, since a field is missing.
  public let incomplete: Int
  /// The learners.
  public let rows: [Row]
  /// The sweep of costs, in which each learner knows the costs as far as it does.
  public let sweep: [Sweep]
  /// Everyone on whom rules were judged and whom the naive rule rejects.
  public let people: [Person]
}

/// Rules against people who answer them.
struct StrategicPlay: Playing {
  private let data: PeopleData
  private let costs: ChangeCosts
  private let seed: UInt64

  private static let factors = [0.125, 0.25, 0.5, 0.7, 1, 1.4, 2, 4, 8, 16]

  /// Reads people and costs; some that are drawn where no file is named.
  init(_ asked: PlaySpecification, telling observer: Observer) throws {
    seed = asked.seed
    let shape = try asked.costShape.map { try PlaySpecification.shape($0) } ?? .l1
    let benefit = asked.benefit ?? 2
    guard let file = asked.file else {
      (data, costs) = try SyntheticPeople.loans(seed: asked.seed, benefit: benefit, shape: shape)
      return
    }
    let people = try PeopleData(table: file, asked, categoriesAllowed: true, telling: observer)
    guard let path = asked.costs else {
      throw StudyError(
        "\(file): what do changes cost? Say so by \(Setting.costs) FILE, a table of feature, price and change"
      )
    }
    data = people
    costs = try CostTable(path: path).costs(of: people.features, shape: shape, benefit: benefit)
  }

  func play(telling observer: Observer) async throws -> PlayOutcome {
    let stage = observer.begin("play", of: Self.factors.count + 1, "parts")
    defer { stage.finish() }
    let all = StrategicGame(costs: costs, people: data.people, isQualified: data.labels)
    var draws = RandomKey(seed: seed).child("held out").generator
    let order = draws.permutation(of: data.people.count)
    let count = max(1, data.people.count * 3 / 10)
    let held = Array(order.prefix(count)).sorted()
    let (training, judged) = (all.subset(Array(order.dropFirst(count)).sorted()), all.subset(held))
    let learners = StrategicLearner.allCases
    let rules = try learners.map { try training.learn($0) }
    let rows = try zip(learners, rules).map { learner, rule in
      StrategicReport.Row(
        learner: learner, rule: rule, outcome: .init(try judged.outcome(of: rule)))
    }
    stage.show(1)
    var sweep: [StrategicReport.Sweep] = []
    for factor in Self.factors {
      try Task.checkCancellation()
      let scaled = costs.scaled(by: factor)
      let (trained, tested) = (training.with(scaled), judged.with(scaled))
      let outcomes = try learners.enumerated().map { place, learner in
        let rule = learner == .naive ? rules[place] : try trained.learn(learner)
        return StrategicReport.Summary(try tested.outcome(of: rule))
      }
      sweep.append(StrategicReport.Sweep(factor: factor, outcomes: outcomes))
      stage.show(1 + sweep.count)
    }
    return .strategic(
      StrategicReport(
        data: data.name, costs: costs, trained: training.people.count, judged: held.count,
        qualified: Double(judged.isQualified.count { $0 }) / Double(held.count),
        incomplete: data.incomplete, rows: rows, sweep: sweep,
        people: try people(held, judged, rules[0])))
  }

  private func people(
    _ places: [Int], _ game: StrategicGame, _ rule: LinearRule
  ) throws -> [StrategicReport.Person] {
    let responder = try Responder(costs: costs, rule: rule)
    return zip(places, game.people.indices).compactMap { place, person in
      guard rule.score(game.people[person], costs.features) < rule.threshold else { return nil }
      let answer = responder.answer(game.people[person])
      return StrategicReport.Person(
        number: data.lines.isEmpty ? place + 1 : data.lines[place],
        isQualified: game.isQualified[person],
        values: costs.words(game.people[person]),
        advice: costs.advice(from: game.people[person], answer), cost: answer.cost,
        moves: answer.moves)
    }
  }
}
