import Foundation
import Optimizers
import Testing

@Suite struct ScheduleTests {
  private func rates(_ schedule: Schedule, _ total: Int) -> [Double] {
    (0..<total).map { schedule.rate(at: $0, of: total) }
  }

  @Test func aConstantRateStays() {
    #expect(rates(.constant(rate: 0.25), 7) == Array(repeating: 0.25, count: 7))
  }

  @Test func steppedRatesDropAtTheirShares() {
    let found = rates(.steps(rate: 0.8, at: [0.5, 0.75], factor: 0.5), 8)
    #expect(found == [0.8, 0.8, 0.8, 0.8, 0.4, 0.4, 0.2, 0.2])
    // The order in which shares are listed does not matter.
    #expect(rates(.steps(rate: 0.8, at: [0.75, 0.5], factor: 0.5), 8) == found)
    #expect(rates(.steps(rate: 0.8, at: [], factor: 0.5), 3) == [0.8, 0.8, 0.8])
  }

  @Test(arguments: [0, 0.25, 0.4, 0.99])
  func cyclicRatesAreTwoLines(peak: Double) {
    let total = 40
    for (step, rate) in rates(.cyclic(rate: 0.1, peak: peak), total).enumerated() {
      let share = (Double(step) + 0.5) / Double(total)
      let expected = share < peak ? 0.1 * share / peak : 0.1 * (1 - share) / (1 - peak)
      #expect(abs(rate - expected) < 1e-15)
      #expect(rate > 0 && rate <= 0.1)
    }
  }

  @Test func cyclicRatesRiseAndFall() {
    let rates = rates(.cyclic(rate: 0.1, peak: 0.4), 100)
    #expect(abs((rates.max() ?? 0) - 0.1) < 0.002)
    #expect(rates.firstIndex(of: rates.max() ?? 0).map { 39...40 ~= $0 } ?? false)
    #expect(rates[99] < 0.001 && rates[0] < 0.002 && rates[99] > 0)
  }

  @Test func cosineRatesFallFromWholeToNothing() {
    let total = 50
    let found = rates(.cosine(rate: 0.3), total)
    for (step, rate) in found.enumerated() {
      // The closed form in its other shape.
      let half = Double.pi * (Double(step) + 0.5) / Double(total) / 2
      #expect(abs(rate - 0.3 * pow(cos(half), 2)) < 1e-15)
    }
    #expect(zip(found, found.dropFirst()).allSatisfy { $0 > $1 })
    #expect(abs(found.reduce(0, +) / Double(total) - 0.15) < 1e-12)
  }

  @Test func oneStepIsEnough() {
    for schedule: Schedule in [
      .constant(rate: 1), .steps(rate: 1, at: [0.9], factor: 0.1), .cyclic(rate: 1, peak: 0.5),
      .cosine(rate: 1),
    ] {
      #expect(0.1...1 ~= schedule.rate(at: 0, of: 1))
    }
  }
}
