import Graphs
import Networks
import Tensors
import Testing

/// The reader finds what exporters wrote out, leaves what is only similar, and every file means what ONNX says.
@Suite("Random files near what the reader looks for")
struct NearFilePatternTests {
  private static let patterns: [NearFilePattern] = [
    .layerNormalization, .gelu, .numbers, .transposedProduct, .limits,
  ]
  private static let count = 900

  @Test("mean what ONNX says, and are told apart", arguments: patterns.indices)
  func agree(_ index: Int) throws {
    let pattern = Self.patterns[index]
    var (found, refused) = (0, 0)
    var wrong: [String] = []
    for seed in 0..<Self.count {
      var file = DrawnFile(pattern: pattern.name, seed: seed, shape: pattern.shape)
      let output = pattern.draw(&file)
      let network = try ONNXModels.file(file.model(output)).network
      let isFound = pattern.isFound(network.graph.operatorNames)
      let inputs = (0..<2).map { _ in
        PlainArray(
          file.numbers(file.shape.reduce(1, *)).map { Double($0) }, shape: file.shape)
      }
      let expected = inputs.map { file.value(output, at: $0) }
      let mustRefuse = file.mustRefuse || isOther(file, output, at: inputs[0])
      if isFound { found += 1 }
      if mustRefuse { refused += 1 }
      if isFound, mustRefuse { wrong.append("\(seed) (\(file.form)): found") }
      let difference = try largestDifference(file, output, network, inputs, expected)
      if !(difference <= 1e-5) {
        wrong.append("\(seed) (\(file.form)): off by \(difference)")
      }
      if seed % 5 == 0 {
        let again = try ONNXFile(bytes: try network.encodedForONNX(), name: "again.onnx").network
        let rewritten = try largestDifference(file, output, again, inputs, expected)
        let isFoundAgain = pattern.isFound(again.graph.operatorNames)
        if !(rewritten <= 1e-5) || isFoundAgain && mustRefuse {
          wrong.append("\(seed) (\(file.form)): written and read again, off by \(rewritten)")
        }
      }
    }
    print("\(pattern.name): \(Self.count) files, \(found) found, \(refused) must not")
    #expect(wrong.isEmpty, "\(wrong.count) of \(Self.count) are wrong: \(wrong.prefix(5))")
    #expect(5 * refused >= 2 * Self.count, "only \(refused) are to be refused")
    #expect(10 * found >= Self.count, "only \(found) are found")
  }

  /// Whether no node of a file is what the pattern stands for.
  private func isOther(_ file: DrawnFile, _ output: String, at input: PlainArray) -> Bool {
    guard let ideal = file.ideal else { return false }
    let wanted = ideal(input)
    return !file.shapes.keys.contains { name in
      file.value(name, at: input).difference(from: wanted) < 1e-6
    }
  }

  /// How far scores and gradients of the engine are from what ONNX says.
  private func largestDifference(
    _ file: DrawnFile, _ output: String, _ network: Network, _ inputs: [PlainArray],
    _ expected: [PlainArray]
  ) throws -> Double {
    var generator = RandomKey(seed: 41).child(file.form).generator
    let count = expected[0].values.count
    let cotangents = (0..<2 * count).map { _ in 2 * generator.uniform() - 1 }
    let graph = try network.graph.gradient(
      of: Network.outputName, cotangent: "cotangent", withRespectTo: [Network.inputName])
    let run = GraphRun(
      graph: graph,
      inputs: [
        Network.inputName: Tensor(
          inputs.flatMap { $0.values.map { Float($0) } },
          shape: network.input.shape.prepending(2)),
        "cotangent": Tensor(cotangents, shape: [2, count]),
      ], parameters: network.parameters)
    let found = try run.compiled(frozen: true)
    guard let scores = found[Network.outputName]?.scalars,
      let gradients = found[Graph.gradientName(Network.inputName)]?.scalars
    else { return .infinity }
    var largest = 0.0
    for (row, wanted) in expected.enumerated() {
      let part = scores[row * count..<(row + 1) * count].map { Double($0) }
      largest = max(largest, PlainArray(part, shape: wanted.shape).difference(from: wanted))
      // The gradient along a direction, by differences so short that hardly any ReLU changes sides.
      let way = inputs[row].map { _ in Double(2 * generator.uniform() - 1) }
      func sum(_ step: Double) -> Double {
        let moved = inputs[row].combined(way) { $0 + step * $1 }
        let values = file.value(output, at: moved).values
        return zip(values, cotangents[(row * count)...]).reduce(0) { $0 + $1.0 * Double($1.1) }
      }
      let slope = (sum(1e-8) - sum(-1e-8)) / 2e-8
      let own = gradients[(row * way.values.count)...]
      let terms = zip(way.values, own).map { $0 * Double($1) }
      let scale = terms.reduce(1) { $0 + abs($1) }
      largest = max(largest, abs(slope - terms.reduce(0, +)) / scale)
    }
    return largest
  }
}

extension Graph {
  /// The names of the operators, in order.
  var operatorNames: [String] {
    nodes.compactMap { if case .operation(let op, _, _) = $0 { op.name } else { nil } }
  }
}
