package import Graphs
import ONNXMessages
import SwiftProtobuf
package import Tensors

/// A file together with values of all its inputs, as ONNX's own tests come: no example, and no batch by itself.
package struct ONNXCase {
  /// The graph, whose outputs are named by their positions.
  package let graph: Graph
  /// What is bound when it runs: the inputs' values and the file's.
  package let parameters: [String: Tensor<Float>]
  /// A value and the shape that ONNX gives it, for each output that is not in the graph since it is known.
  package let known: [Int: ONNXCase.Result]
  /// ONNX's shape of each output.
  package let shapes: [[Int]]

  /// A tensor whose shape is ONNX's.
  package struct Result {
    package let values: [Double]
    package let shape: [Int]
  }

  /// The names of all operators that can be read.
  package static var operators: [String] { ONNXOperator.all.keys.sorted() }

  /// The name of the graph's input where examples are vectorised over.
  package static let inputName = "example"

  /// Reads a file.
  ///
  /// - Parameters:
  ///   - bytes: The file.
  ///   - name: Its name for messages.
  ///   - tensors: The messages of its inputs' values, in the order of its inputs.
  ///   - isVectorized: Whether the first input is taken as that of one example, of any number of them.
  /// - Throws: `ONNXError`.
  package init(
    bytes: [UInt8], name: String, tensors: [[UInt8]], isVectorized: Bool
  ) throws(ONNXError) {
    let model = try ONNXFile.message(bytes, name: name)
    var reader = try ONNXGraphReader(model, file: name, folder: nil)
    let inputs = reader.inputs
    for (index, (input, tensor)) in zip(inputs, tensors).enumerated() {
      let operand = try reader.write(at: "input \(input.name.quoted)") { scope in
        let tensor = try ONNXCase.tensor(tensor)
        guard isVectorized, index == 0, tensor.kind == .float else {
          return ONNXOperand(tensor, parameter: input.name)
        }
        let form = ONNXScope.form(tensor.shape, isBatched: true)
        return ONNXOperand(
          scope.graph.input(ONNXCase.inputName, form), isBatched: true, shape: tensor.shape)
      }
      reader.define(input.name, operand)
    }
    let names = reader.outputs.map(\.name)
    let results = try reader.read(outputs: names)
    if isVectorized, let input = inputs.first, let operand = reader.values[input.name],
      operand.isBatched, operand.rank >= 2, ONNXFile.hasFreeBatch(input)
    {
      try reader.checkExamples(of: input.name, shape: operand.shape, outputs: names)
    }
    var builder = reader.graph
    var known: [Int: Result] = [:]
    for (index, result) in results.enumerated() {
      switch result.content {
      case .known(let tensor, _):
        switch tensor.values {
        case .floats(let values):
          known[index] = Result(values: values.map { Double($0) }, shape: tensor.shape)
        case .integers(let values):
          known[index] = Result(values: values.map { Double($0) }, shape: tensor.shape)
        }
      case .value(let value, _): builder.output(String(index), value)
      }
    }
    self.known = known
    shapes = results.map(\.shape)
    graph = builder.finish().pruned().recognizingPatterns()
    parameters = reader.parameters(of: graph)
  }

  /// The values of a tensor in a file of its own.
  ///
  /// - Throws: `ONNXError` if it is none that is supported.
  package static func result(_ bytes: [UInt8], name: String) throws(ONNXError) -> Result {
    do {
      let tensor = try tensor(bytes)
      let values: [Double] =
        switch tensor.values {
        case .floats(let values): values.map { Double($0) }
        case .integers(let values): values.map { Double($0) }
        }
      return Result(values: values, shape: tensor.shape)
    } catch {
      throw ONNXError(
        file: name, problem: (error as? ONNXProblem)?.text ?? "it is damaged")
    }
  }

  private static func tensor(_ bytes: [UInt8]) throws -> ONNXTensor {
    try ONNXTensor(try Onnx_TensorProto(serializedBytes: bytes)) { _ in
      throw ONNXProblem("its values are in another file")
    }
  }
}
