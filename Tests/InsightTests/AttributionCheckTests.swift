import Datasets
import Insight
import Networks
import Tensors
import Testing

/// Sanity checks of maps: random weights, deletion and insertion.
@Suite struct AttributionCheckTests {
  private func digits(_ count: Int) throws -> (network: Network, request: AttributionRequest) {
    let network = try BuiltInNetwork.mnistStandard.load().network
    let data = try MNIST.load(.test).subset(offset: 0, count: count)
    let request = try AttributionRequest(
      try network.compiled(), network: network, inputs: try data.inputs(at: 0..<count),
      classes: data.labels(at: 0..<count))
    return (network, request)
  }

  @Test("ranks of equal values are shared, and correlations are those of closed forms")
  func ranks() {
    #expect(RankCorrelation.spearman([1, 2, 3, 4], [10, 20, 30, 40]) == 1)
    #expect(RankCorrelation.spearman([1, 2, 3, 4], [4, 3, 2, 1]) == -1)
    #expect(RankCorrelation.spearman([1, 1, 1], [1, 2, 3]) == 0)
    // Ranks 1, 2.5, 2.5, 4 and 1, 2, 3, 4: covariance 4.5, variances 4.5 and 5.
    let expected = 4.5 / (4.5 * 5.0).squareRoot()
    #expect(abs(RankCorrelation.spearman([1, 5, 5, 9], [1, 2, 3, 4]) - expected) < 1e-12)
  }

  @Test("random weights change the maps of slopes", arguments: ["gradient", "grad-cam"])
  func randomWeights(words: String) async throws {
    let (_, request) = try digits(4)
    let method = try AttributionCatalogue.method(words)
    let maps = try await method.attributions(for: request)
    let found = try await WeightRandomization.measure(maps, by: method, request)
    for (map, one) in zip(maps, found) {
      #expect(RankCorrelation.spearman(map.places.map(abs), map.places.map(abs)) == 1)
      #expect(one.steps.count > 1 && one.whole < 0.9, "\(one.steps)")
      #expect(zip(one.steps, one.steps.dropFirst()).allSatisfy { $0.layers < $1.layers })
    }
    let mean = found.reduce(0) { $0 + $1.whole } / 4
    #expect(mean < 0.7, "\(mean)")
  }

  /// Sixt, Granz and Landgraf, "When explanations lie", 2020: the first layers decide such maps nearly alone.
  @Test("random weights hardly change the maps of LRP, which the check is there to tell")
  func randomWeightsOfRelevance() async throws {
    let (_, request) = try digits(4)
    let method = try AttributionCatalogue.method("lrp")
    let maps = try await method.attributions(for: request)
    let found = try await WeightRandomization.measure(maps, by: method, request)
    #expect(found.allSatisfy { $0.whole > 0.9 && $0.whole < 1 }, "\(found.map(\.whole))")
  }

  @Test("what maps of digits name first is what the score hangs on")
  func removal() async throws {
    let (_, request) = try digits(12)
    let maps = try await IntegratedGradients().attributions(for: request)
    var (deletion, insertion) = (0.0, 0.0)
    for place in maps.indices {
      let one = try await PixelRemoval.measure([maps[place]], request.only(place))[0]
      #expect(one.deletion.shares.first == 0 && one.deletion.shares.last == 1)
      // Both curves go between the same two inputs, or begin and end at the digit.
      #expect(abs(one.deletion.probabilities[0] - (one.insertion.probabilities.last ?? 0)) < 1e-4)
      let interval = one.randomDeletion.interval
      #expect(interval.contains(one.randomDeletion.mean) && one.randomDeletion.areas.count == 10)
      deletion += (one.randomDeletion.mean - one.deletion.area) / Double(maps.count)
      insertion += (one.insertion.area - one.randomInsertion.mean) / Double(maps.count)
    }
    #expect(deletion > 0.1, "\(deletion)")
    #expect(insertion > 0.1, "\(insertion)")
  }
}
