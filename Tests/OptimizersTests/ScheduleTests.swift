import Foundation
import Networks
import Optimizers
import Tensors
import TestSupport
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

  @Test("rates are PyTorch's in the middle of each step")
  func agreesWithPyTorch() throws {
    let file = try SafeTensorsFile(path: Fixtures.path("optimizers/schedules.safetensors"))
    let steps = Schedule.steps(rate: 0.4, at: [0.5, 0.75], factor: 0.1)
    let points = [(0, 0), (0.25, 0.4), (0.7, 0.1), (0.9, 0.02)]
    let schedules: [(String, Schedule)] = [
      ("cosine", .cosine(rate: 0.4, floor: 0.04)), ("steps", steps),
      ("warm-steps", .warmUp(over: .steps(10), steps)),
      ("warm-steps", .warmUp(over: .share(0.25), steps)),
      ("linear", .linear(through: points.map { Schedule.Point(share: $0.0, rate: $0.1) })),
    ]
    for (name, schedule) in schedules {
      let expected = try file.tensor(name).scalars
      for (rate, other) in zip(rates(schedule, expected.count), expected) {
        #expect(abs(rate - Double(other)) < 1e-6 * rate, "\(schedule)")
      }
    }
  }

  @Test func ratesGoThroughPoints() {
    let jump = [(0.5, 2.0), (0.0, 1.0), (0.5, 4.0)].map { Schedule.Point(share: $0.0, rate: $0.1) }
    // In the order of shares, and of two at one share the later from there on.
    #expect(rates(.linear(through: jump), 4) == [1.25, 1.75, 4, 4])
    #expect(rates(.linear(through: [Schedule.Point(share: 0.7, rate: 3)]), 3) == [3, 3, 3])
    let late = [Schedule.Point(share: 0.5, rate: 1), Schedule.Point(share: 1, rate: 0)]
    #expect(rates(.linear(through: late), 4) == [1, 1, 0.75, 0.25])
  }

  @Test func warmUpIsAFactor() {
    let total = 40
    for schedule: Schedule in [.cyclic(rate: 1, peak: 0.3), .cosine(rate: 2, floor: 0.5)] {
      let plain = rates(schedule, total)
      let warm = rates(.warmUp(over: .steps(8), schedule), total)
      for step in 0..<total {
        let factor = min(1, (Double(step) + 0.5) / 8)
        #expect(abs(warm[step] - factor * plain[step]) < 1e-15)
      }
      #expect(rates(.warmUp(over: .share(0), schedule), total) == plain)
      #expect(rates(.warmUp(over: .steps(0), schedule), total) == plain)
    }
  }

  @Test("schedules read well, and those of old as ever: checkpoints compare the words")
  func descriptions() {
    let schedules: [Schedule] = [
      .constant(rate: 0.1), .steps(rate: 0.1, at: [0.5, 0.75], factor: 0.1),
      .cyclic(rate: 0.1, peak: 0.4), .cosine(rate: 0.1), .cosine(rate: 0.1, floor: 0.01),
      .linear(through: [Schedule.Point(share: 0, rate: 0.1), Schedule.Point(share: 1, rate: 0)]),
      .warmUp(over: .share(0.05), .cosine(rate: 0.1)),
      .warmUp(over: .steps(500), .constant(rate: 0.1)),
    ]
    #expect(
      schedules.map(\.description) == [
        "constant 0.1", "0.1, times 0.1 at [0.5, 0.75]", "cyclic, 0.1 at 0.4", "cosine from 0.1",
        "cosine from 0.1 to 0.01", "linear through 0.1 at 0.0, 0.0 at 1.0",
        "cosine from 0.1, with warm-up over 0.05 of the training",
        "constant 0.1, with warm-up over 500 steps",
      ])
  }
}
