import Engine
import Insight
import Models
import Networks
import Tensors
import Testing

/// Methods that draw random numbers, and those that ask for outputs alone.
@Suite struct SampledAttributionTests {
  private static let methods: [any AttributionMethod] = [
    SmoothGrad { $0.samples = 9 }, RISE { ($0.masks, $0.cells) = (40, 3) },
  ]

  @Test("a seed determines the map, whatever the batch", arguments: methods.indices)
  func seeds(_ place: Int) async throws {
    let method = Self.methods[place]
    let network = try AttributionNetworks.piecewise(seed: 2)
    var request = try AttributionNetworks.request(
      network, AttributionNetworks.inputs(2, for: network), classes: [0, 1])
    request.seed = 5
    let first = try await method.attributions(for: request)
    let second = try await method.attributions(for: request)
    #expect(first == second)
    request.batch = 4
    for (one, other) in zip(try await method.attributions(for: request), first) {
      #expect(relativeDifference(one.map, other.map) < 1e-5)
    }
    request.seed = 6
    let others = try await method.attributions(for: request)
    #expect(zip(others, first).allSatisfy { $0.map != $1.map })
  }

  @Test("masks show each value as often as they should")
  func masks() async throws {
    // A model that gives the same whatever it sees makes the map the share of masks that show a value.
    let network = try Network("constant", input: AttributionNetworks.gray, seed: 1) {
      Flatten()
      Linear(2)
    }
    var flat = network
    try flat.load([
      "1.weight": .zeros([2, 64]), "1.bias": Tensor([3, 0], shape: [2]),
    ])
    var request = try AttributionNetworks.request(
      flat, AttributionNetworks.inputs(1, for: flat), classes: [0])
    request.score = .logit
    let map = try await RISE { ($0.masks, $0.cells, $0.probability) = (4000, 4, 0.3) }
      .attributions(for: request)[0].map
    // The mean of 4000 draws of a share with mean 0.3; each is off by less than five deviations.
    #expect(map.scalars.allSatisfy { abs($0 / 3 - 1) < 5 * 0.025 })
  }

  @Test("on a linear model RISE ranks values as their shares do")
  func ranking() async throws {
    let network = try AttributionNetworks.linear()
    let table = try Network("row", input: InputDescription(shape: [6]), seed: 4) {
      Linear(2, bias: .absent)
    }
    var request = try AttributionNetworks.request(
      table, Tensor([1, 1, 1, 1, 1, 1], shape: [1, 6]), classes: [1])
    request.score = .logit
    let weight = try #require(table.parameters["0.weight"]).row(1)
    let map = try await RISE { $0.masks = 20_000 }.attributions(for: request)[0].map
    // The mean of f(m x) m_i / p is w_i + p times the sum of the others.
    let total = weight.scalars.reduce(0, +)
    for place in 0..<6 {
      #expect(abs(map[place] - (weight[place] + 0.5 * (total - weight[place]))) < 0.02)
    }
    #expect(network.input.shape.rank == 3)
  }

  /// A model that says outputs and nothing else.
  private struct ScoresAlone: BatchedModel {
    let base: CompiledNetwork
    var inputShape: Shape { base.inputShape }
    var outputCount: Int { base.outputCount }
    let knowledge = Knowledge.scores

    func evaluate(
      _ rows: UnsafeBufferPointer<Float>, count: Int, outputs: UnsafeMutableBufferPointer<Float>
    ) throws { try base.evaluate(rows, count: count, outputs: outputs) }

    func differentiate(
      _ rows: UnsafeBufferPointer<Float>, count: Int,
      outputs: UnsafeMutableBufferPointer<Float>, gradients: UnsafeMutableBufferPointer<Float>,
      cotangents: (UnsafeBufferPointer<Float>, UnsafeMutableBufferPointer<Float>) -> Void
    ) throws { throw CancellationError() }
  }

  @Test("methods that need more than outputs are refused where there is no more")
  func knowledge() async throws {
    let network = try AttributionNetworks.piecewise(seed: 2)
    let inputs = AttributionNetworks.inputs(1, for: network)
    let request = try AttributionRequest(
      ScoresAlone(base: try network.compiled()), network: nil, inputs: inputs, classes: [0])
    for row in AttributionCatalogue.rows {
      let method = row.kind.init()
      if row.knowledge <= .scores {
        #expect(try await method.attributions(for: request).count == 1)
      } else {
        await #expect(throws: AttributionError.self, "\(row.name)") {
          _ = try await method.attributions(for: request)
        }
      }
    }
  }

  @Test(
    "windows cover every value", arguments: [(8, 3, 2), (9, 4, 3), (5, 5, 2), (4, 6, 1), (7, 2, 2)])
  func windows(count: Int, side: Int, step: Int) async throws {
    let network = try Network("sum", input: InputDescription(shape: [1, count, count]), seed: 1) {
      Flatten()
      Linear(2, bias: .absent)
    }
    var sum = network
    try sum.load(["1.weight": Tensor(repeating: 1, shape: [2, count * count])])
    let request = try AttributionNetworks.request(
      sum, Tensor(repeating: 1, shape: [1, 1, count, count]), classes: [0])
    let map = try await Occlusion { ($0.window, $0.stride) = (side, step) }
      .attributions(for: request)[0].map
    // Each window takes as many ones away as it covers; the last of a row reaches beyond the picture.
    var starts = [0]
    while let last = starts.last, last + side < count { starts.append(last + step) }
    func mean(_ place: Int) -> Float {
      let lengths = starts.filter { $0 <= place && place < $0 + side }
        .map { min(side, count - $0) }
      return Float(lengths.reduce(0, +)) / Float(lengths.count)
    }
    for row in 0..<count {
      for column in 0..<count {
        #expect(abs(map[row * count + column] - mean(row) * mean(column)) < 1e-4)
      }
    }
  }
}
