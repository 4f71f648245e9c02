import Datasets
import Networks
import Optimizers
import Tensors
import Testing
import Training

/// The range test of the learning rate, against losses whose limit is known.
@Suite struct RateRangeTests {
  private static let rates = (0..<60).map {
    1e-4 * Double(1 << ($0 / 4)) * [1, 1.2, 1.4, 1.7][$0 % 4]
  }

  @Test("the limit is where the loss begins to climb", arguments: [10, 25, 40])
  func climbing(first: Int) throws {
    let losses = (0..<60).map { $0 < first ? 2 - 0.03 * Double($0) : 2 + Double($0 - first) }
    let range = RateRange(rates: Self.rates, losses: losses)
    let limit = try #require(range.limit)
    let found = try #require(Self.rates.firstIndex(of: limit))
    // A smoothed loss lags behind by few steps.
    #expect(first - 1...first + 2 ~= found)
    #expect(range.suggestion == limit / 4)
  }

  @Test("a loss that never climbs has the last rate as its limit")
  func falling() {
    let range = RateRange(rates: Self.rates, losses: (0..<60).map { 2 - 0.01 * Double($0) })
    #expect(range.limit == Self.rates.last)
  }

  @Test("nothing is suggested where there was one step")
  func nothing() {
    #expect(RateRange(rates: Self.rates, losses: [2.3]).suggestion == nil)
    #expect(RateRange(rates: Self.rates, losses: []).suggestion == nil)
  }

  /// Gradient descent on x^2 / 2 c would diverge beyond 2 / c; a linear layer under the logistic loss behaves alike.
  @Test("a tenfold scale of the inputs lowers the limit by about the square of ten")
  func scale() async throws {
    func limit(scale: Float) async throws -> Double {
      let input = InputDescription(shape: [2], lowerBound: -100, upperBound: 100)
      let network = try Network("linear", input: input, seed: 3) { Linear(2) }
      var generator = RandomKey(seed: 1).generator
      let values = (0..<400).map { _ in scale * (2 * Float.random(in: 0..<1, using: &generator) - 1)
      }
      // Of no use, so that no line parts them and the loss has a minimum to diverge from.
      let labels = (0..<200).map { _ in Int.random(in: 0...1, using: &generator) }
      let data = Dataset(
        name: "pairs", exampleShape: [2], values: values, labels: labels, classNames: ["a", "b"],
        bounds: -100...100)
      let recipe = Recipe(
        epochs: 1, batchSize: 200, optimizer: SGD(), schedule: .constant(rate: 1))
      let range = try await RateRange.test(
        recipe, from: TrainingState(network, recipe: recipe), on: data, over: 1e-5...1e4,
        count: 120)
      return try #require(range.limit)
    }
    let (small, large) = (try await limit(scale: 1), try await limit(scale: 10))
    #expect(10...1000 ~= small / large)
  }

  @Test("the test leaves the network as it was, and counts each step once over short epochs")
  func counts() async throws {
    let data = Digits.data(250)
    let network = try Architecture.named("mnist-mlp").network(seed: 0)
    let recipe = Recipe(
      epochs: 7, batchSize: 100, optimizer: Adam(), schedule: .constant(rate: 1))
    let state = TrainingState(network, recipe: recipe)
    let range = try await RateRange.test(recipe, from: state, on: data, count: 20)
    #expect(range.losses.count == 20 && range.rates.count == 20)
    #expect(state.network.parameters == network.parameters)
    #expect(abs(range.losses[0] - 2.3) < 1)
  }
}
