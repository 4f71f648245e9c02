import Graphs
import ONNXMessages
import Tensors

/// Writes the graph of an ONNX file, node by node.
struct ONNXGraphReader {
  let file: String
  let message: Onnx_GraphProto
  let nodes: ONNXNodes
  private var external: ONNXExternalData
  var scope = ONNXScope()
  var folding = ONNXFolding()
  var values: [String: ONNXOperand] = [:]
  var lists = ONNXLists()
  private var initializers: [String: Int] = [:]
  /// The name of the input that is attacked, once it is known.
  var networkInput = ""

  /// Prepares the reading of a file's graph.
  ///
  /// - Throws: `ONNXError` if the file is of no opset that can be read.
  init(_ model: Onnx_ModelProto, file: String, folder: String?) throws(ONNXError) {
    self.file = file
    guard model.hasGraph, !model.graph.node.isEmpty else {
      throw ONNXError(file: file, problem: "expected an ONNX network, found none in the file")
    }
    try ONNXNames.check(model, file: file)
    message = model.graph
    external = ONNXExternalData(folder: folder)
    let version = model.opsetImport.first { $0.domain.isEmpty || $0.domain == "ai.onnx" }?.version
    guard let version, ONNXGraphReader.opsets.contains(Int(version)) else {
      throw ONNXError(
        file: file,
        problem: "expected an opset from \(ONNXGraphReader.opsets.lowerBound) to "
          + "\(ONNXGraphReader.opsets.upperBound), found \(version.map(String.init) ?? "none")",
        hint: "export with opset_version=17")
    }
    nodes = try ONNXNodes(model, opset: Int(version), file: file)
    for (index, tensor) in message.initializer.enumerated() { initializers[tensor.name] = index }
  }

  /// The opsets that can be read: what those after 22 changed does not concern the operators here.
  static let opsets = 6...28

  /// The graph's inputs that are not values of the file.
  var inputs: [Onnx_ValueInfoProto] {
    message.input.filter { initializers[$0.name] == nil }
  }

  /// The graph's outputs.
  var outputs: [Onnx_ValueInfoProto] { message.output }

  /// What was written, and its parameters.
  var graph: GraphBuilder { scope.graph }
  var parameters: [String: Tensor<Float>] { scope.parameters }

  /// Gives a value of the file to the nodes.
  mutating func define(_ name: String, _ operand: ONNXOperand) { values[name] = operand }

  /// Writes something of one's own.
  mutating func write<Result>(
    at place: String, _ body: (inout ONNXScope) throws -> Result
  ) throws(ONNXError) -> Result {
    do {
      return try body(&scope)
    } catch {
      throw self.error(error, at: place)
    }
  }

  /// Whether a value is known from the file or was given.
  func isDefined(_ name: String) -> Bool { values[name] != nil || initializers[name] != nil }

  /// The inputs that outputs depend on.
  ///
  /// - Throws: `ONNXError` if the nodes form a circle.
  func inputs(for outputs: [String]) throws(ONNXError) -> [Onnx_ValueInfoProto] {
    let used = Set(try nodes.needed(for: outputs).flatMap { nodes[$0].inputs } + outputs)
    return inputs.filter { used.contains($0.name) }
  }

  /// The nodes that take a value.
  func consumers(of name: String) -> [ONNXNode] { nodes.consumers(of: name) }

  /// Writes the nodes that outputs need and that are not written yet, and returns these.
  ///
  /// - Throws: `ONNXError` naming the node that cannot be written.
  mutating func read(outputs names: [String]) throws(ONNXError) -> [ONNXOperand] {
    for index in try nodes.needed(for: names) {
      let node = nodes[index]
      if node.outputs.contains(where: { values[$0] != nil || lists[$0] != nil }) { continue }
      do {
        if try readList(node) { continue }
        for (name, result) in zip(node.outputs, try results(of: node)) where !name.isEmpty {
          values[name] = result
        }
      } catch {
        throw self.error(error, at: node.place)
      }
    }
    var results: [ONNXOperand] = []
    for name in names {
      do {
        results.append(try operand(name))
      } catch {
        throw self.error(error, at: "output \(name.quoted)")
      }
    }
    return results
  }

  mutating func results(of node: ONNXNode) throws -> [ONNXOperand] {
    // Probabilities with their classes as names are the same numbers.
    if node.domain == "ai.onnx.ml", node.op == "ZipMap", let name = node.inputs.first {
      return [try operand(name)]
    }
    guard node.domain.isEmpty, let op = ONNXOperator.all[node.op] else {
      throw ONNXProblem(
        "the operator \(node.fullName) is not supported",
        hint: ONNXOperator.hint(for: node, in: file, input: networkInput))
    }
    try node.check(known: op.attributes)
    var operands: [ONNXOperand?] = []
    for name in node.inputs { operands.append(name.isEmpty ? nil : try operand(name)) }
    let results = try apply(op, ONNXCall(node: node, operands: operands))
    guard
      node.outputs.count <= results.count
        || node.outputs[results.count...].allSatisfy(\.isEmpty)
    else { throw ONNXProblem("only its first \(results.count) outputs are supported") }
    return results
  }

  /// What an operator makes of its operands, computed beforehand where these are known.
  mutating func apply(_ op: ONNXOperator, _ call: ONNXCall) throws -> [ONNXOperand] {
    try folding.results(op, call) ?? op.build(&scope, call)
  }

  /// A value that an earlier node, the input or the file defines.
  mutating func operand(_ name: String) throws -> ONNXOperand {
    if let value = values[name] { return value }
    if lists[name] != nil { throw ONNXProblem("\(name.quoted) is a list of tensors, expected one") }
    guard let index = initializers[name] else {
      throw ONNXProblem("no node, input or initializer is named \(name.quoted)")
    }
    do {
      let tensor = try ONNXTensor(message.initializer[index]) { try external.bytes(of: $0) }
      let operand = ONNXOperand(tensor, parameter: name)
      values[name] = operand
      return operand
    } catch let problem as ONNXProblem {
      throw ONNXProblem("initializer \(name.quoted): \(problem.text)", hint: problem.hint)
    }
  }

  func error(_ error: any Error, at place: String) -> ONNXError {
    switch error {
    case let error as ONNXError: error
    case let problem as ONNXProblem:
      ONNXError(file: file, place: place, problem: problem.text, hint: problem.hint)
    default: ONNXError(file: file, place: place, problem: "\(error)")
    }
  }
}
