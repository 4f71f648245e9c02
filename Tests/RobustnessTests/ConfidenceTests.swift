import Robustness
import Tensors
import TestSupport
import Testing

/// Goals that ask how sure the model is.
@Suite struct ConfidenceTests {
  private func margin(_ goal: Goal, _ outputs: [Float]) -> Double {
    goal.margin(of: Tensor(outputs, shape: [outputs.count]))
  }

  /// The odds of a class against all others, as a logarithm, summed from the smallest on.
  private func logOdds(_ label: Int, _ outputs: [Float]) -> Double {
    let others = outputs.indices.filter { $0 != label }.map { Double(outputs[$0]) }.sorted()
    let top = others.last ?? 0
    return Double(outputs[label]) - top - .log(others.reduce(0) { $0 + .exp($1 - top) })
  }

  @Test(arguments: 0..<300)
  func aMarginIsPositiveExactlyWhereTheProbabilityIsLarger(seed: UInt64) {
    var chance = SeededGenerator(seed)
    let count = Int.random(in: 2...12, using: &chance)
    let scale: Float = [0.1, 1, 5, 40, 1e4, 1e30][Int.random(in: 0..<6, using: &chance)]
    let outputs = (0..<count).map { _ in scale * Float.random(in: -1...1, using: &chance) }
    let label = Int.random(in: 0..<count, using: &chance)
    for c in [0.5, 0.51, 0.9, 0.99, 0.999999] {
      let logit = Double.log(c / (1 - c))
      let reached = margin(.reach(label, confidence: c), outputs)
      let odds = logOdds(label, outputs)
      #expect(abs(reached - (odds - logit)) <= 1e-9 * max(1, odds.magnitude))
      let wrong = outputs.indices.filter { $0 != label }.map { logOdds($0, outputs) }.max() ?? 0
      let missed = margin(.avoid(label, confidence: c), outputs)
      #expect(abs(missed - (wrong - logit)) <= 1e-9 * max(1, wrong.magnitude))
      // Being sure of a class is more than seeing it.
      #expect(reached <= margin(.reach(label), outputs))
      #expect(missed <= 0 || margin(.avoid(label), outputs) > 0)
      if odds.magnitude < 30 {
        let confidence = Confidence(c)
        #expect(
          abs(confidence.probability(atMargin: reached) - 1 / (1 + .exp(-odds))) < 1e-12)
      }
    }
  }

  @Test func probabilitiesAreComparedAsTheyAre() throws {
    let sure = Confidence(0.9, of: .probabilities)
    #expect(abs(margin(.reach(1, confidence: sure), [0.05, 0.95]) - 0.05) < 1e-7)
    #expect(margin(.reach(1, confidence: sure), [0.2, 0.8]) < 0)
    #expect(margin(.avoid(0, confidence: sure), [0.01, 0.05, 0.94]) > 0)
    #expect(margin(.avoid(2, confidence: sure), [0.01, 0.05, 0.94]) < 0)
    #expect(abs(sure.probability(atMargin: 0.05) - 0.95) < 1e-12)
    #expect(throws: GoalError.singleProbability) {
      try Goal.avoid(singleLogit: 0).exceeding(sure).validate(outputCount: 1)
    }
  }

  @Test func aSingleLogitIsALogit() throws {
    let goal = try Goal.reach(singleLogit: 1).exceeding(Confidence(0.9))
    let logit = Double.log(9)
    #expect(abs(margin(goal, [2.5]) - (2.5 - logit)) < 1e-12)
    #expect(margin(goal, [2]) < 0)
    let other = try Goal.avoid(singleLogit: 1).exceeding(Confidence(0.9))
    #expect(abs(margin(other, [-2.5]) - (2.5 - logit)) < 1e-12)
  }

  @Test func tiesNaNAndCompetingInfinitiesAreNeverSuccess() {
    let infinity = Float.infinity
    for goal in [Goal.avoid(0, confidence: 0.5), .reach(1, confidence: 0.5)] {
      #expect(margin(goal, [1, 1]) == 0)
      #expect(margin(goal, [infinity, infinity]) == 0)
      #expect(margin(goal, [.nan, 1]).isNaN)
      #expect(margin(goal, [1, 2, .nan]).isNaN)
      #expect(margin(goal, [-infinity, 1]) == infinity.doubled)
      #expect(margin(goal, [1, -infinity]) == -infinity.doubled)
      #expect(margin(goal, [-infinity, -infinity, -infinity]) < 0)
    }
  }

  @Test func whatKnowsNoConfidenceIsRefused() {
    #expect(throws: GoalError.noClass) { try Goal.leave(0...1).exceeding(Confidence(0.9)) }
    #expect(throws: GoalError.noClass) {
      try Goal.avoid(multiLabel: [true, false]).exceeding(Confidence(0.9))
    }
    for goal in [Goal.avoid(1, confidence: 0.9), .reach(1, confidence: 0.9)] {
      #expect(throws: ObjectiveError.scaleFree(.dlr)) {
        try Loss.dlr.objective(for: goal, outputCount: 5)
      }
      #expect(throws: GoalError.notLinear(0.9)) { try goal.inequalities(outputCount: 5) }
      #expect(goal.confidence?.probability == 0.9)
      #expect(goal.withoutConfidence.confidence == nil)
    }
    #expect(Goal.reach(1, confidence: 0.9).withoutConfidence == .reach(1))
  }

  @Test(arguments: 0..<50)
  func inequalitiesSayWhatTheMarginSays(seed: UInt64) throws {
    var chance = SeededGenerator(seed)
    let goals: [(Goal, Int)] = [
      (.avoid(1), 4), (.reach(2), 4), (.avoid(singleLogit: 1), 1), (.reach(singleLogit: 1), 1),
      (.leave(-0.5...0.5), 1), (.avoid(multiLabel: [true, false, true]), 3),
    ]
    for (goal, count) in goals {
      let outputs = (0..<count).map { _ in Float.random(in: -1...1, using: &chance) }
      let holds = try goal.inequalities(outputCount: count).contains { alternative in
        alternative.allSatisfy { inequality in
          inequality.terms.reduce(inequality.offset) {
            $0 + $1.coefficient * Double(outputs[$1.output])
          } > 0
        }
      }
      #expect(holds == (margin(goal, outputs) > 0))
    }
    #expect(throws: GoalError.self) { try Goal.avoid(4).inequalities(outputCount: 4) }
  }

  // MARK: - Runs

  /// An attack that goes to the corner where the sum is largest.
  private func corner(_ radius: Float) -> Scripted {
    Scripted { problem, _ in problem.input.map { $0 + radius } }
  }

  // The outputs are 0 and the sum of six numbers from 0.5 on, less 4.
  @Test func theRunnerWantsTheProbability() async throws {
    let model = TestModel(bias: -4)
    let ball = try Ball(.infinity, radius: 0.5)
    let input = Tensor<Float>(repeating: 0.5, shape: [6])
    // At the corner the logit is 2, and the probability 0.881.
    for (c, isReached) in [(0.5, true), (0.88, true), (0.885, false), (0.99, false)] {
      let problem = try Problem(
        index: 0, input: input, label: 0, threat: ball, goal: .avoid(0, confidence: c))
      let outcome = try #require(
        await AttackRunner(model: model).run(corner(0.5), on: [problem]).first)
      #expect((outcome.adversarialExample != nil) == isReached)
      #expect((outcome.lessSure != nil) == !isReached)
      let found = try #require(outcome.adversarialExample ?? outcome.lessSure)
      #expect(found.prediction == 1 && found.input.scalars.allSatisfy { $0 == 1 })
      let sure = Confidence(c).probability(atMargin: outcome.margin)
      #expect(abs(sure - 1 / (1 + Double.exp(-2))) < 1e-6)
      #expect(found.margin > 0 && (!isReached || abs(found.margin - outcome.margin) < 1e-6))
    }
  }

  @Test func whatIsNotFooledAtAllIsNotLessSure() async throws {
    let problem = try Problem(
      index: 0, input: Tensor(repeating: 0.5, shape: [6]), label: 0,
      threat: try Ball(.infinity, radius: 0.125), goal: .avoid(0, confidence: 0.9))
    let outcome = try #require(
      await AttackRunner(model: TestModel(bias: -4)).run(corner(0.125), on: [problem]).first)
    #expect(outcome.robust && outcome.lessSure == nil)
    #expect(outcome.margin > outcome.cleanMargin)
  }
}

extension Float {
  fileprivate var doubled: Double { Double(self) }
}
