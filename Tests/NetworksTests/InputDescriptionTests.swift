import Graphs
import Networks
import Tensors
import Testing

@Suite("What a network makes of its input")
struct InputDescriptionTests {
  private static let descriptions: [InputDescription] = [
    InputDescription(shape: [3, 2, 2]),
    InputDescription(shape: [3, 2, 2], networkRange: 0...255),
    InputDescription(shape: [3, 2, 2], lowerBound: -1, upperBound: 3, networkRange: -2...5),
    InputDescription(shape: [3, 2, 2], mean: [0.5], standardDeviation: [0.25]),
    InputDescription(
      shape: [3, 2, 2], networkRange: 0...255, mean: [104, 117, 123],
      standardDeviation: [1, 2, 4], channelOrder: .bgr, classNames: ["a", "b"]),
    InputDescription(
      shape: [3, 2, 2], mean: [0.1, 0.2, 0.3], standardDeviation: [0.5, 1, 2],
      layout: .channelsLast),
  ]

  /// The description's meaning, value by value.
  private func expected(_ x: Tensor<Float>, _ input: InputDescription) -> [Float] {
    let (channels, pixels) = (3, 4)
    var result = [Float](repeating: 0, count: 12)
    for channel in 0..<channels {
      for pixel in 0..<pixels {
        let source = input.channelOrder == .bgr ? 2 - channel : channel
        var value = x[source * pixels + pixel]
        if let range = input.networkRange {
          let share = (value - input.lowerBound) / (input.upperBound - input.lowerBound)
          value = range.lowerBound + share * (range.upperBound - range.lowerBound)
        }
        if !input.mean.isEmpty {
          let place = input.mean.count == 1 ? 0 : channel
          value = (value - input.mean[place]) / input.standardDeviation[place]
        }
        let place =
          input.layout == .channelsLast ? pixel * channels + channel : channel * pixels + pixel
        result[place] = value
      }
    }
    return result
  }

  @Test("a description is applied before the first layer", arguments: descriptions)
  func application(input: InputDescription) throws {
    let layers = try Network("test", input: InputDescription(shape: input.layerShape), seed: 3) {
      Flatten()
      Linear(12, bias: .absent)
    }
    var identity = Tensor<Float>.zeros([12, 12])
    for index in 0..<12 { identity[13 * index] = 1 }
    var plain = layers
    try plain.load(["1.weight": identity])
    var described = input
    if !input.classNames.isEmpty { described = input.naming((0..<12).map(String.init)) }
    let network = try plain.describing(described)
    let x = Tensor((0..<12).map { Float($0) / 11 }, shape: [1, 3, 2, 2])
    let outputs = try Interpreter(network.graph)(
      ["x": x], parameters: network.parameters)
    let y = try #require(outputs[Network.outputName])
    for (found, value) in zip(y.scalars, expected(x.row(0), input)) {
      #expect(abs(found - value) <= 1e-5 * max(1, abs(value)))
    }
    #expect(network.input == described)
    if !described.isPlain {
      #expect(throws: NetworkError.self, "it applies once") { try network.describing(described) }
    }
  }

  @Test("descriptions survive as metadata", arguments: descriptions)
  func metadata(input: InputDescription) throws {
    #expect(InputDescription.isDescribed(by: input.metadata))
    #expect(try InputDescription(metadata: input.metadata, shape: input.shape) == input)
  }

  @Test(
    "metadata that cannot be are refused",
    arguments: [
      ["input/bounds": "0"], ["input/bounds": "1,0"], ["input/bounds": "0,nan"],
      ["input/bounds": "0,1", "input/mean": "0.5"],
      ["input/bounds": "0,1", "input/mean": "1,2", "input/standard_deviation": "1,2"],
      ["input/bounds": "0,1", "input/mean": "0", "input/standard_deviation": "0"],
      ["input/bounds": "0,1", "input/layout": "chw"],
      ["input/bounds": "0,1", "input/range": "0,x"],
    ])
  func badMetadata(texts: [String: String]) {
    #expect(throws: NetworkError.self) { try InputDescription(metadata: texts, shape: [3, 2, 2]) }
  }

  @Test("a network's file carries its description")
  func file() throws {
    let fresh = try Architecture.named("resnet20").network(seed: 0)
    let description = InputDescription(
      shape: [3, 32, 32], networkRange: 0...255, mean: [120, 110, 100],
      standardDeviation: [60, 60, 60], classNames: InputDescription.cifar10.classNames)
    let network = try Architecture.named("resnet20").network(
      loading: fresh.parameters, input: description)
    let file = try NetworkFile(bytes: NetworkFile(network).encoded(), name: "test")
    #expect(file.network.input == description)
    #expect(file.history.isEmpty)
    let plain = try NetworkFile(bytes: NetworkFile(fresh).encoded(), name: "test")
    #expect(plain.network.input == fresh.input)
  }
}
