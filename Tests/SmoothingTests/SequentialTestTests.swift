import Foundation
import Smoothing
import Tensors
import Testing

/// The test that may look at every trial: its error and what it spends.
@Suite struct SequentialTestTests {
  /// Runs tests on coins until a verdict or the limit, looking after every trial.
  private static func verdicts(
    _ probability: Double, _ test: SequentialTest, runs: Int, limit: Int
  ) -> (above: Int, below: Int, trials: Int) {
    var generator = RandomKey(seed: 7).child("coins").generator
    var found = (above: 0, below: 0, trials: 0)
    for _ in 0..<runs {
      var successes = 0
      for trial in 1...limit {
        if Double(generator.uniform()) < probability { successes += 1 }
        let verdict = test.verdict(successes: successes, of: trial)
        if verdict == .above { found.above += 1 }
        if verdict == .below { found.below += 1 }
        found.trials += 1
        if verdict != .open { break }
      }
    }
    return found
  }

  /// At the threshold itself each verdict is wrong with a probability of at most 0.05; 4,000 runs exceed 0.05 by three
  /// deviations, 241, with a probability below 0.002 if that holds.
  @Test(
    "looking after every trial is wrong at most as often as it says", arguments: [0.5, 0.8, 0.97])
  func error(threshold: Double) {
    let test = SequentialTest(threshold: threshold, alpha: 0.05)
    let found = Self.verdicts(threshold, test, runs: 4000, limit: 400)
    #expect(found.above <= 241)
    #expect(found.below <= 241)
  }

  @Test("what is far from the threshold is decided by few trials, and rightly")
  func power() {
    let test = SequentialTest(threshold: 0.8, alpha: 0.001)
    let high = Self.verdicts(0.99, test, runs: 200, limit: 5000)
    #expect(high.above == 200 && high.trials / 200 < 120)
    let low = Self.verdicts(0.4, test, runs: 200, limit: 5000)
    #expect(low.below == 200 && low.trials / 200 < 60)
  }

  /// The ratio is a mean of likelihood ratios over probabilities above the threshold: it grows with the successes.
  @Test("more successes never make a verdict of above go away")
  func monotone() {
    let test = SequentialTest(threshold: 0.7, alpha: 0.01)
    for trials in [10, 50, 500, 20_000] {
      let first = (0...trials).first { test.verdict(successes: $0, of: trials) == .above }
      guard let first else { continue }
      for successes in stride(from: first, through: trials, by: max(1, trials / 200)) {
        #expect(test.verdict(successes: successes, of: trials) == .above)
      }
    }
  }
}
