import Foundation
import Games
import Studies
import TestSupport
import Testing

/// The published experiment on credit data, whose numbers are known to many digits.
///
/// The file is no part of the repository; see `Fixtures.published` for where it is looked for.
@Suite struct CreditTests {
  static let file = Fixtures.published + "/tabular/credit/credit_data.csv.gz"

  static let isThere = FileManager.default.fileExists(atPath: file)

  private func comparison(
    penalty: Double, strengths: [Double], rounds: Int
  ) async throws -> PerformativeReport {
    var asked = PlaySpecification(game: "performative")
    asked.file = Self.file
    asked.target = "SeriousDlqin2yrs"
    asked.penalty = penalty
    asked.strengths = strengths
    asked.rounds = rounds
    let result = try await PlayStudy(asked).run()
    guard case .performative(let report) = result.outcome else {
      throw StudyError("another outcome")
    }
    return report
  }

  private func course(
    _ report: PerformativeReport, _ strength: Double, isExact: Bool = true,
    penalizesBias: Bool = false
  ) throws -> PerformativeComparison.Course {
    try #require(
      report.comparison.courses.first {
        $0.strength == strength && $0.isExact == isExact && $0.penalizesBias == penalizesBias
      })
  }

  @Test(
    "1000 / n: the published digits, and a two-cycle where the bias is penalised",
    .enabled(if: isThere, "there is no folder ../shared/data"))
  func strongPenalty() async throws {
    let report = try await comparison(
      penalty: 1000.0 / 18_357, strengths: [1, 100, 1000], rounds: 25)
    let start = report.comparison.start
    #expect(start.count == 18_357 && start.width == 10)
    #expect(abs(start.gamma - 0.054_475_132_102_195) < 1e-14)
    #expect(abs(start.beta - 4.720_758_796_181_74) < 1e-10)
    #expect(abs(start.threshold - 0.011_539_486_4) < 1e-10)
    #expect(abs(start.accuracy - 0.664_269_760_854_170_1) < 1e-10)
    #expect(abs(start.loss - 0.650_440_513_455_17) < 1e-10)
    for strength in [1.0, 100, 1000] {
      let free = try course(report, strength)
      #expect(free.gaps[0] > 1e-3 && free.gaps[1] < 1e-9 && free.behavior == .converged)
    }
    let quick = try course(report, 1, penalizesBias: true)
    #expect(abs(quick.gaps[2] / quick.gaps[1] - 0.07) < 0.005)
    let slow = try course(report, 100, penalizesBias: true)
    #expect(abs((slow.factor ?? 0) - 0.86) < 0.02 && slow.behavior != .converged)
    let cycle = try course(report, 1000, penalizesBias: true)
    #expect(abs((cycle.gaps.last ?? 0) - 0.045) < 0.001 && cycle.behavior == .cycling)
  }

  @Test(
    "1 / n: exact retraining is at rest at once, the published learner is not",
    .enabled(if: isThere, "there is no folder ../shared/data"))
  func weakPenalty() async throws {
    let report = try await comparison(
      penalty: 1.0 / 18_357, strengths: [1, 100], rounds: 4)
    let start = report.comparison.start
    #expect(abs(start.accuracy - 0.719_24) < 1e-5 && abs(start.loss - 0.609_992_4) < 1e-7)
    #expect(abs(start.norm - 2.513_54) < 1e-5 && abs(start.strategicNorm - 0.099_228) < 1e-6)
    for strength in [1.0, 100] {
      let exact = try course(report, strength)
      #expect(exact.gaps[1] < 1e-8 * exact.gaps[0], "\(strength): \(exact.gaps)")
      // People who hardly move show nothing of the learner's early stop.
      guard strength > 1 else { continue }
      let published = try course(report, strength, isExact: false)
      #expect(published.gaps[1] > 1e-3 * published.gaps[0], "\(strength): \(published.gaps)")
    }
    #expect(abs(try course(report, 1).gaps[0] - 9.8e-3) < 1e-4)
    let penalized = try course(report, 100, penalizesBias: true)
    #expect(abs(penalized.gaps[3] / penalized.gaps[2] - 0.044) < 0.003, "\(penalized.gaps)")
    let published = try course(report, 1, isExact: false)
    #expect(abs(published.accuracies[0] - 0.7207) < 0.003)
  }

  @Test(
    "rules on credit data: who knows the costs is not fooled",
    .enabled(if: isThere, "there is no folder ../shared/data"))
  func strategic() async throws {
    let folder = try TemporaryFolder()
    let costs = folder.path + "/costs.csv"
    let table = """
      feature,price,change
      MonthlyIncome,0.00018,up

      """
    try table.write(toFile: costs, atomically: true, encoding: .utf8)
    var asked = PlaySpecification(game: "strategic")
    asked.file = Self.file
    asked.target = "SeriousDlqin2yrs"
    asked.favorable = "0"
    asked.costs = costs
    let result = try await PlayStudy(asked).run()
    guard case .strategic(let report) = result.outcome else { throw StudyError("another outcome") }
    // Where about a third of the rejected move the naive rule loses three points, and at half of that cost six.
    let third = try #require(
      report.sweep.min {
        abs($0.outcomes[0].moversAmongRejected - 1 / 3)
          < abs($1.outcomes[0].moversAmongRejected - 1 / 3)
      })
    let (naive, leader) = (third.outcomes[0], third.outcomes[1])
    #expect(abs(naive.moversAmongRejected - 1 / 3) < 0.15)
    let lost = [naive, leader].map { report.rows[0].outcome.accuracy - $0.gamedAccuracy }
    #expect(lost[0] >= lost[1] + 0.02, "\(lost)")
    let half = try #require(report.sweep.first { $0.factor == 0.5 })
    #expect(half.outcomes[1].gamedAccuracy >= half.outcomes[0].gamedAccuracy + 0.05)
  }

  static let messages = Fixtures.published + "/tabular/sms-spam/SMSSpamCollection"

  @Test(
    "good words in real messages",
    .enabled(
      if: FileManager.default.fileExists(atPath: messages), "there is no folder ../shared/data"))
  func spam() async throws {
    var asked = PlaySpecification(game: "spam")
    asked.file = Self.messages
    let result = try await PlayStudy(asked).run()
    guard case .spam(let report) = result.outcome else { throw StudyError("another outcome") }
    #expect(report.trained + report.judged > 5000 && report.vocabulary > 5000)
    let (plain, weak, strong) = (
      report.plain[0], report.plain[report.words], report.hardened[report.words]
    )
    #expect(plain.accuracy > 0.95 && weak.caught < 0.5)
    #expect(strong.caught >= weak.caught + (plain.caught - weak.caught) / 2)
    #expect(strong.accuracy >= weak.accuracy + (plain.accuracy - weak.accuracy) / 2)
  }
}
