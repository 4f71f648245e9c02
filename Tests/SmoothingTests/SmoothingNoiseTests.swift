import Foundation
import Smoothing
import Testing

/// Radii of probabilities against published values and their own inverse.
@Suite struct SmoothingNoiseTests {
  @Test(
    "normal quantiles",
    arguments: [(0.8413447460685429, 1.0), (0.9772498680518208, 2.0), (0.75, 0.6744897501960817)])
  func quantiles(probability: Double, quantile: Double) {
    let radius = SmoothingNoise.gaussian(deviation: 0.5).radius(ofProbability: probability)
    #expect(radius <= 0.5 * quantile && radius > 0.5 * quantile - 1e-8)
  }

  /// Cohen et al.: 100,000 draws that all agree certify at most 3.8 deviations at alpha 0.001.
  @Test("the largest radius of the paper's constants")
  func largest() throws {
    let bound = BinomialBounds.lower(successes: 100_000, of: 100_000, alpha: 0.001)
    let radius = SmoothingNoise.gaussian(deviation: 1).radius(ofProbability: bound)
    #expect(abs(radius - 3.8115) < 1e-3)
  }

  @Test("a probability that suffices for a radius gives at least that radius, and hardly more")
  func inverse() {
    for noise in [
      SmoothingNoise.gaussian(deviation: 0.25), .gaussian(deviation: 2), .uniform(halfWidth: 0.5),
    ] {
      for step in 1...12 {
        let radius = 0.03 * Double(step)
        let probability = noise.probability(forRadius: radius)
        #expect(noise.radius(ofProbability: probability) >= radius)
        #expect(noise.radius(ofProbability: probability) < radius + 1e-6)
      }
    }
  }

  @Test("uniform noise: half width times 2 p - 1, and nothing below 1/2")
  func uniform() {
    let noise = SmoothingNoise.uniform(halfWidth: 0.4)
    #expect(abs(noise.radius(ofProbability: 0.9) - 0.32) < 1e-9)
    #expect(noise.radius(ofProbability: 0.5) == 0)
    #expect(SmoothingNoise.gaussian(deviation: 1).radius(ofProbability: 0.3) == 0)
    #expect(noise.probability(forRadius: 0.5) == 1)
  }
}
