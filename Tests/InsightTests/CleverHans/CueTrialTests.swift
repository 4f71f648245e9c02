import Datasets
import Insight
import Models
import Tensors
import Testing

/// When there is an alarm, and when cues cannot be looked for.
@Suite struct CueTrialTests {
  private func trial(_ flips: Int, _ control: Int, of count: Int, both: Int = 0) -> CueTrial {
    CueTrial(
      flips: (0..<count).map { $0 < flips },
      control: (0..<count).map { $0 < both || ($0 >= flips && $0 < flips + control - both) })
  }

  @Test func theProbabilityIsThatOfFairCoins() {
    #expect(abs(trial(10, 0, of: 100).probability - 1.0 / 1024) < 1e-12)
    #expect(trial(0, 0, of: 50).probability == 1)
    #expect(trial(0, 10, of: 50).probability == 1)
    // 8 heads or more of 10: 56 / 1024.
    #expect(abs(trial(8, 2, of: 40).probability - 56.0 / 1024) < 1e-12)
    // What both flip says nothing.
    #expect(abs(trial(18, 12, of: 60, both: 10).probability - 56.0 / 1024) < 1e-12)
    #expect(trial(400, 0, of: 400).probability < 1e-100)
  }

  @Test func anAlarmNeedsAMarginAndMoreThanChance() {
    #expect(trial(100, 0, of: 400).isAlarming(among: 90))
    // By more than chance, but fewer than a twentieth.
    #expect(!trial(19, 0, of: 400).isAlarming(among: 1))
    #expect(trial(20, 0, of: 400).isAlarming(among: 90))
    // A tenth, which chance may explain.
    #expect(!trial(4, 0, of: 40).isAlarming(among: 1))
    #expect(trial(10, 0, of: 100).isAlarming(among: 1))
    #expect(!trial(10, 0, of: 100).isAlarming(among: 2))
    #expect(!trial(100, 100, of: 400).isAlarming(among: 1))
  }

  private func data(_ labels: [Int], shape: Shape = [1, 8, 8]) -> Dataset {
    var generator = RandomKey(seed: 9).generator
    return Dataset(
      name: "few", exampleShape: shape,
      values: generator.uniforms(shape.prepending(labels.count)).scalars,
      labels: labels, classNames: ["cat", "dog"], bounds: 0...1)
  }

  @Test func whatCannotBeLookedAtIsTold() async throws {
    let finder = CueFinder()
    let two = (0..<60).map { $0 % 2 }
    #expect(try finder.classes(in: data(two), named: ["cat", "dog"]) == [0, 1])
    #expect(throws: CueError.oneClass("dog", data: "few")) {
      try finder.classes(in: data([1, 1, 1]), named: ["cat", "dog"])
    }
    #expect(throws: CueError.tooFew(5, of: "cat", neighbours: 10, data: "few")) {
      try finder.classes(in: data((0..<10).map { $0 % 2 }), named: ["cat", "dog"])
    }
    #expect(throws: CueError.shape([64], data: "few")) {
      try finder.classes(in: data(two, shape: [64]), named: [])
    }
    let blind = AffineModel(
      inputShape: [1, 8, 8], weights: .zeros([2, 64]), biases: Tensor([0, 1], shape: [2]))
    // It reads all as dogs, so that no cat is left to put the dogs' cue on.
    await #expect(throws: CueError.misread(0, besides: "dog", least: 20)) {
      try await finder.find(in: [1], of: data(two), named: ["cat", "dog"], by: blind)
    }
    #expect(
      "\(CueError.tooFew(5, of: "cat", neighbours: 10, data: "few"))"
        == "few: the class cat has 5 examples; expected more than the 10 neighbours that each is joined to, and at"
        + " least 10")
  }
}
