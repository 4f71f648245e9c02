import Graphs
import Tensors

extension ONNXGraphReader {
  /// Declares the network's input.
  ///
  /// - Parameters:
  ///   - name: Its name in the file.
  ///   - shape: Its shape there, with a batch of 1 if it has more than one axis.
  ///   - example: The shape of one example.
  /// - Throws: `ONNXError` if it is too large.
  mutating func defineInput(
    _ name: String, shape: [Int], example: Shape
  ) throws(ONNXError) {
    var operand = try write(at: "input \(name.quoted)") { scope in
      let value = scope.graph.input(Network.inputName, Extents(batchOf: example))
      return try scope.result(value, isBatched: true, shape: shape)
    }
    operand.isNormalizedInput = true
    define(name, operand)
    networkInput = name
  }

  /// The graph whose output are the scores.
  ///
  /// - Throws: `ONNXError` if the result is no row of scores.
  mutating func finish(_ result: ONNXOperand, output: String) throws(ONNXError) -> Graph {
    let place = "output \(output.quoted)"
    guard result.isRow else {
      throw ONNXError(
        file: file, place: place,
        problem: !result.isBatched
          ? "it does not depend on the network's input"
          : result.kind == .float
            ? "expected a row of scores for each example, found \(Shape(result.shape))"
            : "expected scores, found \(result.kind == .boolean ? "truth values" : "integers")",
        hint: result.isBatched ? ONNXOutputs.remedy(result.shape, output) : nil)
    }
    let scores = try write(at: place) { scope in
      try scope.reshape(
        try scope.value(of: result).value, to: [Extents.batch, result.count])
    }
    var builder = graph
    builder.output(Network.outputName, scores)
    return builder.finish().pruned().recognizingPatterns()
  }

  /// The parameters that a graph uses.
  func parameters(of graph: Graph) -> [String: Tensor<Float>] {
    let names = Set(graph.parameters.map(\.name))
    return parameters.filter { names.contains($0.key) }
  }
}

extension ONNXOperand {
  /// Whether it is a row of floats for each example, but for axes of 1.
  var isRow: Bool { isBatched && kind == .float && shape.count { $0 != 1 } <= 1 && count > 0 }
}
