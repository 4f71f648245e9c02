import Foundation
import Smoothing
import Testing

/// Bounds of probabilities against sums of exact binomial terms and closed forms.
@Suite struct BinomialBoundsTests {
  /// P(X >= k) of n trials, term by term.
  private static func tail(_ k: Int, _ n: Int, _ p: Double) -> Double {
    (k...n).reduce(0) { sum, i in
      let ways = lgamma(Double(n + 1)) - lgamma(Double(i + 1)) - lgamma(Double(n - i + 1))
      return sum + exp(ways + Double(i) * log(p) + Double(n - i) * log1p(-p))
    }
  }

  @Test("at the lower bound the tail is alpha, from below", arguments: [1, 2, 7, 40, 300])
  func lower(trials: Int) {
    for alpha in [0.2, 0.05, 0.001, 1e-6] {
      for successes in Set([1, trials / 3, trials / 2, trials - 1, trials]) where successes > 0 {
        let bound = BinomialBounds.lower(successes: successes, of: trials, alpha: alpha)
        let tail = Self.tail(successes, trials, bound)
        #expect(tail <= alpha * (1 + 1e-9), "\(successes) of \(trials) at \(alpha)")
        #expect(tail >= alpha * (1 - 1e-5), "\(successes) of \(trials) at \(alpha)")
      }
    }
  }

  @Test("if all trials succeed, the bound is the n-th root of alpha")
  func all() {
    for (trials, alpha) in [(1, 0.05), (100, 0.001), (100_000, 0.001)] {
      let bound = BinomialBounds.lower(successes: trials, of: trials, alpha: alpha)
      let exact = pow(alpha, 1 / Double(trials))
      #expect(bound <= exact && bound > exact * (1 - 1e-7))
    }
  }

  @Test("no success bounds nothing, and upper bounds mirror lower ones")
  func ends() {
    #expect(BinomialBounds.lower(successes: 0, of: 10, alpha: 0.01) == 0)
    #expect(BinomialBounds.upper(successes: 10, of: 10, alpha: 0.01) == 1)
    let upper = BinomialBounds.upper(successes: 3, of: 10, alpha: 0.05)
    #expect(upper == 1 - BinomialBounds.lower(successes: 7, of: 10, alpha: 0.05))
  }

  @Test("the binomial test is twice the tail")
  func evenness() {
    for (first, second) in [(9, 1), (60, 40), (1, 0), (550, 450)] {
      let exact = min(1, 2 * Self.tail(first, first + second, 0.5))
      let found = BinomialBounds.evenness(first, second)
      #expect(abs(found - exact) < 1e-9 * max(exact, 1e-3))
      #expect(BinomialBounds.evenness(second, first) == found)
    }
    #expect(BinomialBounds.evenness(5, 5) == 1 && BinomialBounds.evenness(0, 0) == 1)
  }
}
