import Robustness
import Tensors
import Testing

@Suite struct GoalTests {
  private func margin(_ goal: Goal, _ outputs: [Float]) -> Double {
    goal.margin(of: Tensor(outputs, shape: [outputs.count]))
  }

  @Test func `a margin is positive exactly where the goal is reached`() {
    #expect(margin(.avoid(1), [1, 3, 2.5]) == -0.5)
    #expect(margin(.avoid(0), [1, 3, 2.5]) == 2)
    #expect(margin(.reach(1), [1, 3, 2.5]) == 0.5)
    #expect(margin(.reach(2), [1, 3, 2.5]) == -0.5)
    #expect(margin(.avoid(singleLogit: 1), [2]) == -2)
    #expect(margin(.avoid(singleLogit: 0), [2]) == 2)
    #expect(margin(.reach(singleLogit: 0), [-3]) == 3)
    #expect(margin(.leave(-1...2), [3]) == 1)
    #expect(margin(.leave(-1...2), [-1.5]) == 0.5)
    #expect(margin(.leave(-1...2), [0]) == -1)
    #expect(margin(.leave(anyOf: [-1...2, 0...1]), [0, 3]) == 2)
    #expect(margin(.leave(anyOf: [-1...2, 0...1]), [0, 0.5]) == -0.5)
    #expect(margin(.avoid(multiLabel: [true, false]), [1, -2]) == -1)
    #expect(margin(.avoid(multiLabel: [true, false]), [1, 4]) == 4)
    let both = Goal.any(of: [
      [Inequality([.init(1, output: 0)], offset: -1), Inequality([.init(2, output: 1)])],
      [Inequality([.init(-1, output: 2), .init(1, output: 0)])],
    ])
    #expect(margin(both, [3, 0.5, 9]) == 1)
    #expect(margin(both, [3, -0.5, 1]) == 2)
  }

  @Test func `ties, NaN and cancelling infinities are never success`() {
    let infinity = Float.infinity
    for goal in [Goal.avoid(0), .reach(1)] {
      #expect(margin(goal, [1, 1]) == 0)
      #expect(margin(goal, [infinity, infinity]) == 0)
      #expect(margin(goal, [.nan, 1]).isNaN)
      #expect(margin(goal, [1, 2, .nan]).isNaN)
      #expect(margin(goal, [-infinity, 1]) == .infinity)
      #expect(margin(goal, [1, -infinity]) == -.infinity)
    }
    #expect(margin(.avoid(singleLogit: 0), [0]) == 0)
    #expect(margin(.avoid(singleLogit: 1), [0]) == 0)
    #expect(margin(.avoid(singleLogit: 1), [.nan]).isNaN)
    let difference = Goal.any(of: [[Inequality([.init(1, output: 0), .init(-1, output: 1)])]])
    #expect(margin(difference, [infinity, infinity]).isNaN)
  }

  @Test func `predictions`() {
    #expect(Goal.avoid(0).prediction(of: Tensor([1, 3, 3], shape: [3])) == 1)
    #expect(Goal.avoid(0).prediction(of: Tensor([1, .nan], shape: [2])) == nil)
    #expect(Goal.avoid(singleLogit: 0).prediction(of: Tensor([0.1], shape: [1])) == 1)
    #expect(Goal.avoid(singleLogit: 0).prediction(of: Tensor([0], shape: [1])) == 0)
    #expect(Goal.leave(0...1).prediction(of: Tensor([0], shape: [1])) == nil)
  }

  @Test func `a goal must fit the model`() {
    #expect(throws: GoalError.output(3, outputCount: 3)) {
      try Goal.avoid(3).validate(outputCount: 3)
    }
    #expect(throws: GoalError.output(-1, outputCount: 3)) {
      try Goal.reach(-1).validate(outputCount: 3)
    }
    #expect(throws: GoalError.singleLogit) { try Goal.avoid(0).validate(outputCount: 1) }
    #expect(throws: GoalError.self) { try Goal.avoid(singleLogit: 0).validate(outputCount: 2) }
    #expect(throws: GoalError.self) { try Goal.leave(0...1, output: 2).validate(outputCount: 2) }
    #expect(throws: Never.self) { try Goal.avoid(2).validate(outputCount: 3) }
  }
}
