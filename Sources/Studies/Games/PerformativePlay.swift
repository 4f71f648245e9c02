public import Games
import Settings

/// What came of repeated retraining, with its closed forms.
public struct PerformativeReport: Sendable, Hashable, Codable {
  /// A family with a closed form, and what was found.
  public struct Family: Sendable, Hashable, Codable {
    /// The family.
    public let name: String
    /// Its loss and mean.
    public let summary: String
    /// Where retraining is at rest by the closed form.
    public let stable: Double
    /// Where retraining, or where there is no minimum, repeated gradient steps came to; `nil` where they left.
    public let foundStable: Double?
    /// Where the cost is least by the closed form.
    public let optimal: Double
    /// Where steps of the leader came to.
    public let foundOptimal: Double
    /// The factor of retraining by the closed form; `nil` where there is none.
    public let factor: Double?
    /// Where retraining on two snapshots came to; `nil` where there is no minimum.
    public let foundAffine: Double?
  }

  /// The people.
  public let data: String
  /// The names of the columns that people can change.
  public let strategic: [String]
  /// Rows that were left out, since a field is missing.
  public let incomplete: Int
  /// The courses.
  public let comparison: PerformativeComparison
  /// The closed forms.
  public let families: [Family]
}

/// Repeated retraining on people who answer.
struct PerformativePlay: Playing {
  private let data: PeopleData
  private let strategic: [Int]
  private let strengths: [Double]
  private let penalty: Double
  private let rounds: Int

  /// Reads people; some that are drawn where no file is named.
  init(_ asked: PlaySpecification, telling observer: Observer) throws {
    data =
      try asked.file.map {
        try PeopleData(table: $0, asked, categoriesAllowed: false, telling: observer)
      } ?? SyntheticPeople.credit(seed: asked.seed)
    strategic = try data.places(asked.strategic)
    strengths = asked.strengths ?? [1, 10, 100]
    penalty = asked.penalty ?? 1 / Double(data.people.count)
    rounds = asked.rounds ?? 15
  }

  func play(telling observer: Observer) async throws -> PlayOutcome {
    let rows = LabeledRows(
      features: data.standardized, labels: data.labels.map { $0 ? 1 : 0 })
    let parts = PerformativeComparison.partCount(strengths: strengths.count)
    let stage = observer.begin("play", of: parts + 1, "parts")
    defer { stage.finish() }
    let comparison = try await PerformativeComparison(
      rows: rows, strategic: strategic, strengths: strengths, penalty: penalty, rounds: rounds
    ) { stage.show($0) }
    var families: [PerformativeReport.Family] = []
    for family in LocationGame.families { families.append(try await Self.play(family)) }
    stage.show(parts + 1)
    return .performative(
      PerformativeReport(
        data: data.name, strategic: strategic.map { data.features[$0].name },
        incomplete: data.incomplete, comparison: comparison, families: families))
  }

  static func play(_ family: LocationGame) async throws -> PerformativeReport.Family {
    let game = family.game
    let start = [[family.start], [family.start]]
    let hasMinimum = family.factor != nil
    let solver: any Solver =
      hasMinimum ? BestResponseDynamics() : RepeatedGradient(stepSize: family.stepSize)
    let stable = try await game.play(solver, named: "", from: start, steps: 5000)
    let optimal = try await game.play(
      StackelbergImplicit(stepSize: family.stepSize), named: "", from: start, steps: 5000)
    let affine =
      hasMinimum
      ? try await game.play(AffineRiskMinimization(), named: "", from: start, steps: 5000) : nil
    return PerformativeReport.Family(
      name: family.name, summary: family.summary, stable: family.stable,
      foundStable: stable.behavior == .diverging ? nil : stable.end[0][0],
      optimal: family.optimal, foundOptimal: optimal.end[0][0], factor: family.factor,
      foundAffine: affine?.end[0][0])
  }
}
