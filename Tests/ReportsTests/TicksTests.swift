import Reports
import TestSupport
import Testing

@Suite struct TicksTests {
  private func randomRange(_ generator: inout SeededGenerator) -> ClosedRange<Double> {
    let scales: [Double] = [1e-9, 1e-3, 1, 1e3, 1e12]
    let scale = scales[Int.random(in: 0..<5, using: &generator)]
    let start = Double.random(in: -1...1, using: &generator) * scale
    return start...(start + Double.random(in: 0.01...2, using: &generator) * scale)
  }

  @Test func linearTicksAreFewEvenRoundAndInside() {
    var generator = SeededGenerator(17)
    for _ in 0..<3000 {
      let range = randomRange(&generator)
      let count = Int.random(in: 3...10, using: &generator)
      let values = Ticks.linear(range, count: count).values
      #expect(values.count >= count / 2 && values.count <= 2 * count + 1)
      #expect(values.allSatisfy(range.contains))
      guard values.count > 1 else { continue }
      let step = values[1] - values[0]
      #expect(step > 0)
      for (left, right) in zip(values, values.dropFirst()) {
        #expect(abs(right - left - step) <= 1e-6 * step)
      }
      let magnitude = abs(values.last ?? 0)
      #expect(values.allSatisfy { $0 == 0 || abs($0).description.count <= 22 })
      #expect(values.allSatisfy { digits($0) <= digits(magnitude) + 3 })
    }
  }

  /// Significant digits of the shortest decimal: few if the number is round.
  private func digits(_ value: Double) -> Int {
    let mantissa = abs(value).description.split(separator: "e").first ?? ""
    let all = mantissa.filter(\.isNumber).drop { $0 == "0" }
    return all.reversed().drop { $0 == "0" }.count
  }

  @Test func knownTicks() {
    #expect(Ticks.linear(0...1).values == [0, 0.2, 0.4, 0.6, 0.8, 1])
    #expect(Ticks.linear(0...0.3, count: 3).values == [0, 0.1, 0.2, 0.3])
    #expect(Ticks.linear(-7...23, count: 6).values == [-5, 0, 5, 10, 15, 20])
    #expect(Ticks.logarithmic(0.5...2000).values == [1, 10, 100, 1000])
    #expect(Ticks.logarithmic(1...9).values == [1, 2, 5])
    #expect(Ticks.logarithmic(1e-300...1e300).values.count <= 8)
  }

  @Test func roundRangesHoldTheirValues() {
    var generator = SeededGenerator(23)
    for _ in 0..<3000 {
      let range = randomRange(&generator)
      let round = Ticks.roundRange(around: range)
      let slack = 1e-8 * (range.upperBound - range.lowerBound)
      #expect(round.lowerBound <= range.lowerBound + slack)
      #expect(round.upperBound >= range.upperBound - slack)
      let length = round.upperBound - round.lowerBound
      #expect(length <= 1.9 * (range.upperBound - range.lowerBound))
    }
  }
}
