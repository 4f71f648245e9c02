import Graphs
import Insight
import Networks
import Tensors
import Testing

/// Layer-wise relevance propagation: nothing is lost, and what has no rule is refused by name.
@Suite struct RelevanceTests {
  @Test("relevance is conserved without biases", arguments: RelevanceRule.allCases)
  func conservation(rule: RelevanceRule) async throws {
    for seed in 0..<4 as Range<UInt64> {
      let network = try AttributionNetworks.withoutBias(seed: seed)
      let inputs = AttributionNetworks.inputs(3, for: network, seed: seed)
      let request = try AttributionNetworks.request(network, inputs, classes: [0, 1, 3])
      let method = RelevancePropagation { ($0.rule, $0.epsilon) = (rule, 1e-9) }
      for one in try await method.attributions(for: request) {
        let balance = try #require(one.balance)
        #expect(abs(balance.expected - one.value) < 1e-5)
        #expect(balance.relativeGap < 1e-5, "seed \(seed): \(balance)")
      }
    }
  }

  @Test("by the epsilon rule a network of ReLUs without biases has its slope times its input")
  func slopeTimesInput() async throws {
    let network = try Network("chain", input: AttributionNetworks.gray, seed: 6) {
      Convolve(5, kernel: 3, bias: .absent)
      ReLU()
      MaxPooling(2)
      Flatten()
      Linear(6, bias: .absent)
      ReLU()
      Linear(3, bias: .absent)
    }
    let request = try AttributionNetworks.request(
      network, AttributionNetworks.inputs(3, for: network), classes: [0, 1, 2])
    let relevance = try await RelevancePropagation { $0.epsilon = 1e-9 }.attributions(for: request)
    let product = try await GradientTimesInput().attributions(for: request)
    for (one, other) in zip(relevance, product) {
      #expect(relativeDifference(one.map, other.map) < 1e-4)
    }
  }

  @Test("a bias keeps its share, and a normalised pixel keeps all")
  func biases() async throws {
    let input = InputDescription(
      shape: [1, 1, 2], mean: [0.5], standardDeviation: [0.25])
    var network = try Network("two", input: input, seed: 1) {
      Flatten()
      Linear(1)
    }
    try network.load([
      "1.weight": Tensor([2, -3], shape: [1, 2]), "1.bias": Tensor([5], shape: [1]),
    ])
    // Normalised: (2, 1), and so 4 - 3 + 5 = 6, of which the bias has 5.
    let request = try AttributionNetworks.request(
      network, Tensor([1, 0.75], shape: [1, 1, 1, 2]), classes: [1])
    let one = try await RelevancePropagation().attributions(for: request)[0]
    #expect(abs(one.map[0] - 4) < 1e-4 && abs(one.map[1] + 3) < 1e-4)
    let balance = try #require(one.balance)
    #expect(abs(balance.expected - 6) < 1e-5 && abs(balance.sum - 1) < 1e-4)
  }

  @Test("an operator without a rule is named")
  func unsupported() async throws {
    let network = try Network("soft", input: AttributionNetworks.gray, seed: 1) {
      Flatten()
      Linear(4)
      Activation(.softplus)
      Linear(3)
    }
    let request = try AttributionNetworks.request(
      network, AttributionNetworks.inputs(1, for: network), classes: [0])
    let error = await #expect(throws: AttributionError.self) {
      _ = try await RelevancePropagation().attributions(for: request)
    }
    #expect(error.map { "\($0)" }?.contains("'softplus'") == true)
    var probability = request
    probability.score = .probability
    await #expect(throws: AttributionError.self) {
      _ = try await RelevancePropagation().attributions(for: probability)
    }
  }
}
