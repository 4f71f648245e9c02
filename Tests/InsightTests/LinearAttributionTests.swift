import Models
import Insight
import Networks
import Tensors
import Testing

/// On a linear model every method that shares out the score must give each value its weight times itself.
@Suite struct LinearAttributionTests {
  private static let methods: [any AttributionMethod] = [
    GradientTimesInput(), IntegratedGradients(), IntegratedGradients { $0.kinks = 0 },
    Occlusion { ($0.window, $0.stride) = (1, 1) }, RelevancePropagation(),
  ]

  @Test("shares of a linear score are w x", arguments: methods.indices)
  func shares(_ place: Int) async throws {
    let network = try AttributionNetworks.linear()
    let inputs = AttributionNetworks.inputs(3, for: network)
    let classes = [2, 0, 1]
    let request = try AttributionNetworks.request(network, inputs, classes: classes)
    let weight = try #require(network.parameters["1.weight"])
    let method = Self.methods[place]
    for (row, one) in try await method.attributions(for: request).enumerated() {
      let expected =
        weight.row(classes[row]).reshaped(to: network.input.shape) * inputs.row(row)
      // Differences of scores are rounded, and what keeps LRP's denominators from zero counts where scores are small.
      let bound = 5e-6 + (method is RelevancePropagation ? 1e-6 / abs(one.value) : 0)
      #expect(
        relativeDifference(one.map, expected) < bound,
        "\(type(of: method).name), example \(row)")
      #expect(one.label == classes[row] && one.score == .logit)
      #expect(abs(one.value - expected.sum { Double($0) }) < 1e-5)
      if let balance = one.balance { #expect(balance.gap < 1e-5) }
    }
  }

  @Test("gradients of a linear score are w, and smooth ones too")
  func slopes() async throws {
    let network = try AttributionNetworks.linear()
    let inputs = AttributionNetworks.inputs(2, for: network)
    let request = try AttributionNetworks.request(network, inputs, classes: [1, 2])
    let weight = try #require(network.parameters["1.weight"])
    for method in [Gradient(), SmoothGrad { $0.samples = 3 }] as [any AttributionMethod] {
      for (row, one) in try await method.attributions(for: request).enumerated() {
        let expected = weight.row([1, 2][row]).reshaped(to: network.input.shape)
        #expect(relativeDifference(one.map, expected) < 1e-6)
        #expect(one.unit == .scorePerUnit)
      }
    }
    let variance = try await SmoothGrad { $0.summary = .variance }.attributions(for: request)
    #expect(variance.allSatisfy { $0.map.normInfinity < 1e-9 })
  }

  @Test("margins and probabilities are differentiated as they are defined")
  func scores() async throws {
    let network = try AttributionNetworks.linear()
    let inputs = AttributionNetworks.inputs(2, for: network)
    var request = try AttributionNetworks.request(network, inputs, classes: [0, 2])
    let weight = try #require(network.parameters["1.weight"])
    let outputs = try await request.model.outputs(of: inputs)
    request.score = .margin
    for (row, one) in try await Gradient().attributions(for: request).enumerated() {
      let scores = outputs.row(row).scalars
      let label = request.classes[row]
      let rival = try #require((0..<3).filter { $0 != label }.max { scores[$0] < scores[$1] })
      let expected = (weight.row(label) - weight.row(rival)).reshaped(to: network.input.shape)
      #expect(relativeDifference(one.map, expected) < 1e-6)
      #expect(abs(one.value - Double(scores[label] - scores[rival])) < 1e-6)
    }
    request.score = .probability
    for (row, one) in try await Gradient().attributions(for: request).enumerated() {
      let shares = LogSumExp(outputs.row(row).scalars.map(Double.init)).probabilities
      let label = request.classes[row]
      var expected = Tensor<Float>.zeros(network.input.shape)
      for other in 0..<3 {
        let slope = shares[label] * ((other == label ? 1 : 0) - shares[other])
        expected =
          expected + Float(slope) * weight.row(other).reshaped(to: network.input.shape)
      }
      #expect(relativeDifference(one.map, expected) < 1e-5)
    }
  }

  @Test("a baseline of its own is where the shares are zero")
  func baselines() async throws {
    let network = try AttributionNetworks.linear()
    let inputs = AttributionNetworks.inputs(1, for: network)
    let request = try AttributionNetworks.request(network, inputs, classes: [1])
    let weight = try #require(network.parameters["1.weight"]).row(1)
      .reshaped(to: network.input.shape)
    for words in ["0.5", "mean", "blur@1.5"] {
      let baseline = try #require(Baseline(words))
      let start = try baseline.values(for: inputs.row(0))
      let expected = weight * (inputs.row(0) - start)
      for method in [
        IntegratedGradients { $0.baseline = baseline },
        Occlusion { ($0.window, $0.stride, $0.baseline) = (1, 1, baseline) },
      ] as [any AttributionMethod] {
        let one = try await method.attributions(for: request)[0]
        #expect((one.map - expected).normInfinity < 2e-6, "\(words)")
      }
    }
    // A window that is blurred keeps a constant as it is.
    let flat = Tensor<Float>(repeating: 0.25, shape: [3, 5, 6])
    #expect((try Baseline.blur(2).values(for: flat) - flat).normInfinity < 1e-6)
  }
}
