import Evaluation
import Testing

@Suite struct PairedComparisonTests {
  private func comparison(_ counts: [Int]) -> PairedComparison {
    let pairs = [(true, true), (true, false), (false, true), (false, false)]
    let rows = zip(pairs, counts).flatMap { pair, count in
      Array(repeating: pair, count: count)
    }
    return PairedComparison(rows.map(\.0), rows.map(\.1))
  }

  @Test func itCounts() {
    let result = comparison([5, 3, 2, 7])
    #expect(result.both == 5 && result.onlyFirst == 3)
    #expect(result.onlySecond == 2 && result.neither == 7)
  }

  // Two-sided binomial tests, worked out by hand: 2 * sum of C(n, k) up to the smaller count / 2^n.
  private static let cases: [(first: Int, second: Int, expected: Double)] = [
    (0, 0, 1), (1, 0, 1), (5, 0, 0.0625), (0, 6, 0.03125), (8, 1, 0.0390625), (3, 3, 1),
    (10, 2, 0.03857421875),
  ]

  @Test(arguments: cases)
  func theProbability(first: Int, second: Int, expected: Double) {
    #expect(abs(comparison([10, first, second, 4]).probability - expected) < 1e-12)
    #expect(abs(comparison([0, second, first, 9]).probability - expected) < 1e-12)
  }

  @Test func manyExamples() {
    // Nothing underflows: 2^-5000 is below the least double.
    #expect(abs(comparison([0, 2500, 2500, 0]).probability - 1) < 1e-9)
    let normal = comparison([0, 2600, 2400, 0]).probability
    #expect(normal > 0.0045 && normal < 0.0052)
    #expect(comparison([0, 5000, 0, 0]).probability == 0)
  }
}
