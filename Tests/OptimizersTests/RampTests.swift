import Foundation
import Optimizers
import Testing

@Suite struct RampTests {
  private func values(_ ramp: Ramp, _ total: Int) -> [Double] {
    (0..<total).map { ramp.value(at: $0, of: total) }
  }

  @Test func aConstantStays() {
    #expect(values(.constant(0.3), 5) == Array(repeating: 0.3, count: 5))
  }

  @Test func aLineGoesFromShareToShare() {
    let found = values(.linear(from: 1, to: 0.5, between: 0.25...0.75), 8)
    #expect(found == [1, 1, 1, 0.875, 0.75, 0.625, 0.5, 0.5])
    // Without a length it is a jump.
    #expect(values(.linear(from: 1, to: 2, between: 0.5...0.5), 4) == [1, 1, 2, 2])
    #expect(values(.linear(from: 0, to: 2, between: 0...1), 4) == [0, 0.5, 1, 1.5])
  }

  /// The published schedule as it is written there, with steps counted from `first`.
  private func published(
    _ step: Int, _ first: Int, _ last: Int, _ from: Double, _ to: Double, _ share: Double,
    _ beta: Double
  ) -> Double {
    let mid = Int(Double(last - first) * share) + first
    let t = pow(Double(mid - first), beta - 1)
    let alpha = (to - from) / (Double(last - mid) * beta * t + Double(mid - first) * t)
    let bend = from + alpha * pow(Double(mid - first), beta)
    if step <= first { return from }
    if step < mid { return from + alpha * pow(Double(step - first), beta) }
    return min(bend + (to - bend) * Double(step - mid) / Double(last - mid), to)
  }

  @Test("the smooth ramp is the published one", arguments: [40, 97, 1000])
  func smooth(total: Int) {
    let ramp = Ramp.smooth(from: 0, to: 0.3, between: 0.1...0.6)
    let (first, last) = (Int((0.1 * Double(total)).rounded()), Int((0.6 * Double(total)).rounded()))
    for (step, value) in values(ramp, total).enumerated() {
      let expected = published(step, first, last, 0, 0.3, 0.25, 4)
      #expect(abs(value - expected) < 1e-14, "\(step)")
    }
    let other = Ramp.smooth(from: 0.1, to: 0.4, between: 0...0.5, middle: 0.5, power: 2)
    for (step, value) in values(other, total).enumerated() {
      let expected = published(step, 0, Int((Double(total) / 2).rounded()), 0.1, 0.4, 0.5, 2)
      #expect(abs(value - expected) < 1e-14, "\(step)")
    }
  }

  @Test func theSmoothRampHasNoKink() {
    let ramp = Ramp.smooth(from: 0, to: 1, between: 0...1)
    let found = values(ramp, 4001)
    #expect(zip(found, found.dropFirst()).allSatisfy { $0 < $1 })
    // At the bend, after a quarter, 1 / (1 + 3 * 4) of the height is reached with four times that slope.
    #expect(abs(found[1000] - 1.0 / 13) < 1e-3)
    let slopes = zip(found, found.dropFirst()).map { 4001 * ($1 - $0) }
    #expect(slopes[0] < 1e-6)
    #expect(abs(slopes[999] - slopes[1000]) < 5e-3)
    #expect(abs(slopes[3000] - 16.0 / 13) < 1e-3)
  }

  @Test func aSmoothRampMayFallAndMayBeShort() {
    let falling = values(.smooth(from: 1, to: 0, between: 0...1), 50)
    let rising = values(.smooth(from: 0, to: 1, between: 0...1), 50)
    #expect(zip(falling, rising).allSatisfy { abs($0 + $1 - 1) < 1e-14 })
    // With no step before the bend the power is left out.
    #expect(
      values(.smooth(from: 0, to: 1, between: 0...0.75), 4).map { ($0 * 3).rounded() } == [
        0, 1, 2, 3,
      ])
    #expect(values(.smooth(from: 0, to: 1, between: 0.5...0.5), 4) == [0, 0, 1, 1])
  }

  @Test func wholePartsOfRampsAreAllowed() {
    for middle in [0.0, 1] {
      let found = values(.smooth(from: 0, to: 1, between: 0...1, middle: middle), 10)
      for (step, value) in found.enumerated() {
        let share = Double(step) / 10
        #expect(abs(value - (middle == 0 ? share : pow(share, 4))) < 1e-14)
      }
    }
  }

  @Test func rampsReadWell() {
    let ramps: [Ramp] = [
      .constant(0.3), .linear(from: 1, to: 0.5, between: 0...0.25),
      .smooth(from: 0, to: 0.3, between: 0.1...0.6),
    ]
    #expect(
      ramps.map(\.description) == [
        "constant 0.3", "linear from 1.0 to 0.5 between 0.0 and 0.25 of the training",
        "smooth from 0.0 to 0.3 between 0.1 and 0.6 of the training, power 4.0 up to 0.25 of it",
      ])
  }
}
