import Testing
import Training

@Suite struct ScheduleTests {
  @Test func cyclicRatesRiseAndFall() {
    let schedule = Schedule.cyclic(rate: 0.1, peak: 0.4)
    let rates = (0..<100).map { schedule.rate(at: $0, of: 100) }
    #expect(abs((rates.max() ?? 0) - 0.1) < 0.002)
    #expect(rates.firstIndex(of: rates.max() ?? 0).map { 39...40 ~= $0 } ?? false)
    #expect(rates[99] < 0.001 && rates[0] < 0.002 && rates[99] > 0)
  }
}
