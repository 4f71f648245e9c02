import Engine
import Graphs
import Networks
import Tensors
import TestSupport
import Testing

/// PyTorch's values of a known architecture on the formula's parameters and two images.
struct ArchitectureFixture {
  let architecture: Architecture
  private let file: SafeTensorsFile

  static let labels = [1, 4]

  init(_ name: String) throws {
    architecture = try Architecture.named(name)
    file = try SafeTensorsFile(path: Fixtures.path("architectures/\(name).safetensors"))
  }

  /// The shapes of the parameters by name.
  var shapes: [String: String] {
    let lines = (file.metadata["parameters"] ?? "").split(separator: "\n")
    return Dictionary(
      uniqueKeysWithValues: lines.map { line in
        let words = line.split(separator: " ")
        return (String(words[0]), String(words[1]))
      })
  }

  /// The least distance of a ReLU's input from its kink, in units of the size of its layer's values.
  var margin: Double {
    get throws { try #require(file.metadata["margin"].flatMap { Double($0) }) }
  }

  func images() throws -> Tensor<Float> {
    let numbers = try #require(file.metadata["images"]).split(separator: ",").compactMap { Int($0) }
    try #require(numbers.count == 2)
    return .stacking(numbers.map { NamedFormula.image($0, architecture.input.shape) })
  }

  func network() throws -> Network {
    try architecture.network(loading: NamedFormula.parameters(of: architecture.graph()))
  }

  /// The largest differences of scores and gradient, each relative to the size of the image's.
  func differences(
    scores: Tensor<Double>, gradient: Tensor<Double>
  ) throws -> (scores: Double, gradient: Double) {
    let logits = try file.tensor("logits", shape: [2, 10])
    let norms = try file.tensor("norms", shape: [2, 2])
    let samples = try file.tensor("dx", shape: [2, 16])
    func norm(_ tensor: Tensor<Double>) -> Double {
      tensor.scalars.reduce(0) { $0 + $1 * $1 }.squareRoot()
    }
    var worst = (scores: 0.0, gradient: 0.0)
    for row in 0..<2 {
      let (scores, gradient) = (scores.row(row), gradient.row(row))
      let largest = (0..<10).map { abs(Double(logits[row * 10 + $0])) }.max() ?? 0
      let (scoreNorm, gradientNorm) = (Double(norms[2 * row]), Double(norms[2 * row + 1]))
      // A typical value of the gradient; samples of it may be small.
      let typical = gradientNorm / Double(gradient.count).squareRoot()
      var scoreErrors = [abs(norm(scores) - scoreNorm) / scoreNorm]
      for index in 0..<10 {
        scoreErrors.append(abs(scores[index] - Double(logits[row * 10 + index])) / largest)
      }
      var gradientErrors = [abs(norm(gradient) - gradientNorm) / gradientNorm]
      for index in 0..<16 {
        let found = gradient[index * (gradient.count / 16)]
        gradientErrors.append(abs(found - Double(samples[row * 16 + index])) / typical)
      }
      for error in scoreErrors { worst.scores = max(worst.scores, error.isNaN ? .infinity : error) }
      for error in gradientErrors {
        worst.gradient = max(worst.gradient, error.isNaN ? .infinity : error)
      }
    }
    return worst
  }
}

@Suite("Known architectures are PyTorch's", .serialized)
struct ArchitectureFixtureTests {
  static let names = Architecture.all.map(\.name)

  @Test("parameters have its names and shapes", arguments: names)
  func parameters(name: String) throws {
    let fixture = try ArchitectureFixture(name)
    let graph = try fixture.architecture.graph()
    let shapes = Dictionary(
      uniqueKeysWithValues: graph.parameters.map { ($0, graph[$1].extents.description) })
    let differing = Set(shapes.keys).union(fixture.shapes.keys)
      .filter { shapes[$0] != fixture.shapes[$0] }
    #expect(differing.isEmpty, "\(name): \(differing.sorted().prefix(5))")
    #expect(graph.statisticNames == Set(shapes.keys.filter { $0.contains(".running_") }))
  }

  @Test(
    "values and gradient by definition",
    arguments: ["mnist-small", "mnist-mlp", "lenet5", "trades-smallcnn", "resnet20"])
  func definition(name: String) throws {
    let fixture = try ArchitectureFixture(name)
    let network = try fixture.network()
    let parameters = network.parameters.mapValues { $0.converted(to: Double.self) }
    let images = try fixture.images().converted(to: Double.self)
    let scores = try #require(
      try Interpreter(network.graph)([Network.inputName: images], parameters: parameters)[
        Network.outputName])
    let rows = ArchitectureFixture.labels.enumerated().map { row, label in
      Tensor(
        crossEntropyDerivative(scores.row(row).scalars.map { Float($0) }, label: label),
        shape: [scores.shape[1]])
    }
    let graph = try network.graph.gradient(
      of: Network.outputName, cotangent: "dy", withRespectTo: [Network.inputName])
    let outputs = try Interpreter(graph)(
      [Network.inputName: images, "dy": Tensor<Float>.stacking(rows).converted()],
      parameters: parameters)
    let gradient = try #require(outputs[Graph.gradientName(Network.inputName)])
    let differences = try fixture.differences(scores: scores, gradient: gradient)
    #expect(differences.scores <= 1e-6 && differences.gradient <= 1e-5, "\(name): \(differences)")
  }

  @Test("values and gradient by the engine, with folded normalisations", arguments: names)
  func frozen(name: String) throws { try check(name, isFrozen: true) }

  @Test(
    "values and gradient by the engine, with parameters that may change",
    arguments: names.filter {
      !$0.hasPrefix("wide") && !["vgg16", "resnet34", "resnet50"].contains($0)
    })
  func live(name: String) throws { try check(name, isFrozen: false) }

  /// Each algorithm by itself, for which of them is the fastest changes with the machine and its load.
  private func check(_ name: String, isFrozen: Bool) throws {
    let fixture = try ArchitectureFixture(name)
    let isLarge = name.hasPrefix("wide") || fixture.architecture.input.shape.count >= 10_000
    let network = try fixture.network()
    let tiles: [Int?] = isLarge ? [4] : isFrozen ? [nil, 6] : [nil]
    for tile in tiles {
      let model = try CompiledNetwork(
        network, isFrozen: isFrozen,
        algorithms: tile.map { .preferred(.winograd(tile: $0)) } ?? .exact)
      let found = try model.crossEntropyGradient(
        of: fixture.images(), labels: ArchitectureFixture.labels)
      let differences = try fixture.differences(
        scores: found.scores.converted(), gradient: found.gradient.converted())
      let words: Comment = "\(name), tile \(tile ?? 0): \(differences)"
      #expect(differences.scores <= (tile == nil ? 1e-5 : 1e-4), words)
      // Where one of millions of ReLUs is nearer its kink, single precision may switch it, in PyTorch too; each
      // changes the gradient by up to some hundredths of its size, and another library's rounding switches others.
      // Winograd's transforms round ten times as much.
      let isApart = try fixture.margin > (tile == nil ? 2e-6 : 2e-5)
      // Direct sums differ by the processor: resnet32 comes to 1.03e-5 with AVX2 alone.
      let bound = isApart ? (tile == nil ? 2e-5 : 1e-4) : 5e-2
      #expect(differences.gradient <= bound, words)
      // A forward pass alone is another plan, on the same parameters.
      guard !isLarge else { continue }
      #expect(try model.scores(of: fixture.images()) == found.scores, words)
    }
  }
}
