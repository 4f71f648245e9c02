import Engine
import Graphs
import Networks
import Tensors
import Testing

@Suite("A network is a graph with named parameters")
struct NetworkTests {
  private func small(seed: UInt64) throws -> Network {
    try Network("test", input: InputDescription(shape: [2, 6, 5]), seed: seed) {
      Convolve(4, kernel: 3, padding: 1)
      ReLU()
      MaxPooling(2)
      Flatten()
      Linear(3)
    }
  }

  @Test("layers are applied in order and named by their position")
  func sequential() throws {
    let network = try small(seed: 1)
    #expect(network.parameterNames == ["0.weight", "0.bias", "4.weight", "4.bias"])
    #expect(
      network.parameters.mapValues(\.shape) == [
        "0.weight": [4, 2, 3, 3], "0.bias": [4], "4.weight": [3, 24], "4.bias": [3],
      ])
    #expect(network.outputCount == 3)
    #expect(network.parameterCount == 72 + 4 + 72 + 3)
    #expect(network.graph.inputs.map(\.name) == [Network.inputName])
    #expect(network.graph.outputs.map(\.name) == [Network.outputName])

    var builder = GraphBuilder()
    let x = builder.input("x", [Extents.batch, 2, 6, 5])
    let weight = builder.parameter("0.weight", [4, 2, 3, 3])
    let convolved = try builder.convolution(
      x, weight: weight, bias: builder.parameter("0.bias", [4]), Window(3, padding: 1))
    let pooled = try builder.apply(MaxPool(Window(2, stride: 2)), try builder.relu(convolved))
    let flat = try builder.flatten(pooled)
    let last = builder.parameter("4.weight", [3, 24])
    builder.output(
      "logits", try builder.linear(flat, weight: last, bias: builder.parameter("4.bias", [3])))
    var generator = RandomKey(seed: 2).generator
    let rows = ["x": generator.uniforms([3, 2, 6, 5])]
    let expected = try Interpreter(builder.finish())(rows, parameters: network.parameters)
    #expect(try Interpreter(network.graph)(rows, parameters: network.parameters) == expected)
  }

  @Test("names are positions unless given, and one name is one parameter")
  func names() throws {
    let network = try Network("named", input: InputDescription(shape: [2, 6, 5]), seed: 1) {
      Sequential {
        Convolve(4, kernel: 3, padding: 1, bias: .absent).named("conv")
        for _ in 0..<2 { BatchNorm() }
        if true { ReLU() }
      }.named("stem")
      GlobalAveragePooling()
      Linear(3, start: .kaimingFanOut)
    }
    let trained = ["stem.conv.weight", "2.weight", "2.bias"]
    let normalizations = ["stem.1.", "stem.2."]
    var statistics: [String] = []
    for prefix in normalizations {
      statistics += [prefix + "running_mean", prefix + "running_var"]
    }
    let learned = normalizations.flatMap { [$0 + "weight", $0 + "bias"] }
    #expect(Set(network.parameterNames) == Set(trained + learned + statistics))
    #expect(network.parameterNames.first == "stem.conv.weight")
    #expect(network.statisticNames == Set(statistics))
    #expect(Set(network.trainedNames) == Set(trained + learned))
    #expect(network.parameterCount == 4 * 2 * 9 + 2 * 8 + 15)
    #expect(network.parameters["stem.1.weight"] == Tensor(repeating: 1, shape: [4]))
    #expect(network.parameters["stem.1.running_mean"] == .zeros([4]))
    #expect(throws: GraphError.duplicateName("a.weight", kind: "input or parameter")) {
      try Network("twice", input: InputDescription(shape: [4]), seed: 1) {
        Linear(4).named("a")
        Linear(4).named("a")
      }
    }
  }

  @Test("PyTorch's counts of batches are ignored where they belong to a normalisation")
  func batchCounts() throws {
    var network = try Network("normalised", input: InputDescription(shape: [3]), seed: 1) {
      Linear(4)
      BatchNorm()
    }
    var tensors = network.parameters
    tensors["1.num_batches_tracked"] = Tensor(7)
    tensors["1.running_mean"] = Tensor([1, 2, 3, 4], shape: [4])
    try network.load(tensors)
    #expect(network.parameters["1.running_mean"] == tensors["1.running_mean"])
    #expect(network.parameters["1.num_batches_tracked"] == nil)
    tensors["0.num_batches_tracked"] = Tensor(7)
    #expect(
      throws: NetworkError.parameters(
        architecture: "normalised", problems: ["0.num_batches_tracked (scalar) is surplus"])
    ) { try network.load(tensors) }
  }

  @Test("first values are uniform within 1 / sqrt(fan-in) and depend on the seed alone")
  func firstValues() throws {
    let network = try Architecture.smallCNN.network(seed: 5)
    #expect(try Architecture.smallCNN.network(seed: 5).parameters == network.parameters)
    let other = try Architecture.smallCNN.network(seed: 6)
    let fanIns: [String: Float] = ["0": 16, "2": 256, "5": 1568, "7": 100]
    for (name, values) in network.parameters {
      let fanIn = try #require(fanIns[String(name.prefix(1))])
      let bound = 1 / fanIn.squareRoot()
      #expect(values.scalars.allSatisfy { abs($0) <= bound }, "\(name)")
      #expect(other.parameters[name] != values, "\(name)")
      guard values.count > 1000 else { continue }
      let count = Double(values.count)
      let mean = values.scalars.reduce(0.0) { $0 + Double($1) } / count
      let square = values.scalars.reduce(0.0) { $0 + Double($1) * Double($1) } / count
      let variance = Double(bound * bound) / 3
      // Five standard errors of a uniform distribution's mean and mean square.
      #expect(abs(mean) <= 5 * (variance / count).squareRoot(), "\(name)")
      #expect(abs(square - variance) <= 5 * variance * (0.8 / count).squareRoot(), "\(name)")
    }
    // Equal shapes at other positions do not repeat each other.
    let twins = try Network("twins", input: InputDescription(shape: [8]), seed: 1) {
      Linear(8)
      Linear(8)
    }
    #expect(twins.parameters["0.weight"] != twins.parameters["1.weight"])
  }

  @Test("Kaiming's first values are normal with variance 2 / fan-in or 2 / fan-out")
  func kaiming() throws {
    let starts: [(WeightInitialization, variance: Double)] = [
      (.kaimingFanIn, 2 / (9.0 * 96)), (.kaimingFanOut, 2 / (9.0 * 128)), (.normal(0.5), 0.25),
    ]
    for (start, variance) in starts {
      let network = try Network("normal", input: InputDescription(shape: [96, 3, 3]), seed: 3) {
        Convolve(128, kernel: 3, bias: .zeros, start: start)
        Flatten()
      }
      // More than one part of those that are drawn side by side.
      let values = try #require(network.parameters["0.weight"]).scalars.map(Double.init)
      let count = Double(values.count)
      let mean = values.reduce(0, +) / count
      let square = values.reduce(0) { $0 + $1 * $1 } / count
      let fourth = values.reduce(0) { $0 + $1 * $1 * $1 * $1 } / count
      // Five standard errors of a normal distribution's moments.
      #expect(abs(mean) <= 5 * (variance / count).squareRoot())
      #expect(abs(square / variance - 1) <= 5 * (2 / count).squareRoot())
      #expect(abs(fourth / (variance * variance) - 3) <= 5 * (96 / count).squareRoot())
      #expect(Set(values).count > values.count * 9 / 10)
      #expect(network.parameters["0.bias"] == .zeros([128]))
    }
  }

  @Test("layers that do not fit are refused")
  func misfits() {
    func expectMisfit(
      _ shape: Shape, _ location: SourceLocation = #_sourceLocation,
      @LayerBuilder layers: () -> [any Layer]
    ) {
      #expect(throws: GraphError.self, sourceLocation: location) {
        try Network("misfit", input: InputDescription(shape: shape), seed: 0, layers: layers)
      }
    }
    expectMisfit([2, 4, 4]) { Linear(3) }
    expectMisfit([16]) { Convolve(3, kernel: 1) }
    expectMisfit([3, 4, 4]) {
      Convolve(4, kernel: 3, groups: 2)
      Flatten()
    }
    expectMisfit([4, 4, 4]) {
      Convolve(3, kernel: 3, groups: 2)
      Flatten()
    }
    expectMisfit([1, 4, 4]) {
      Convolve(3, kernel: 5)
      Flatten()
    }
    expectMisfit([1, 4, 4]) {
      MaxPooling(2, padding: 2)
      Flatten()
    }
    expectMisfit([1, 4, 4]) { Convolve(3, kernel: 3) }
  }

  @Test("loading replaces all parameters, or none and lists what does not fit")
  func load() throws {
    let first = try small(seed: 1)
    let second = try small(seed: 2)
    var network = first
    try network.load(second.parameters)
    #expect(network.parameters == second.parameters)
    #expect(network.parameterNames == first.parameterNames)

    var tensors = first.parameters
    tensors["0.bias"] = nil
    tensors["4.weight"] = .zeros([24, 3])
    tensors["5.weight"] = .zeros([1])
    tensors["running_mean"] = .zeros([1])
    let error = #expect(throws: NetworkError.self) { try network.load(tensors) }
    #expect(
      error
        == .parameters(
          architecture: "test",
          problems: [
            "0.bias (4) is missing", "4.weight is 24x3 instead of 3x24",
            "5.weight (1) is surplus", "running_mean (1) is surplus",
          ]))
    #expect(network.parameters == second.parameters)
  }

  @Test("normalisation in the graph is that of the data outside, and in the gradient too")
  func normalisation() throws {
    let mean: [Float] = [0.25, 0.5]
    let deviation: [Float] = [0.5, 0.125]
    func network(_ mean: [Float], _ deviation: [Float]) throws -> Network {
      try Network(
        "normalised",
        input: InputDescription(shape: [2, 6, 5], mean: mean, standardDeviation: deviation),
        seed: 1
      ) {
        Convolve(4, kernel: 3, padding: 1)
        ReLU()
        Flatten()
        Linear(3)
      }
    }
    let inside = try network(mean, deviation)
    let outside = try network([], [])
    #expect(inside.parameters == outside.parameters)
    var generator = RandomKey(seed: 3).generator
    let rows = generator.uniforms([3, 2, 6, 5])
    var normalised = rows
    for index in 0..<rows.count {
      let channel = index / 30 % 2
      normalised[index] = (rows[index] - mean[channel]) / deviation[channel]
    }
    let expected = try CompiledNetwork(outside).crossEntropyGradient(
      of: normalised, labels: [0, 1, 2])
    let found = try CompiledNetwork(inside).crossEntropyGradient(of: rows, labels: [0, 1, 2])
    #expect(relativeDifference(found.scores, expected.scores) <= 1e-5)
    var scaled = expected.gradient
    for index in 0..<rows.count { scaled[index] /= deviation[index / 30 % 2] }
    #expect(relativeDifference(found.gradient, scaled) <= 1e-5)
    #expect(inside.input.mean == mean && inside.input.lowerBound == 0)
  }
}
