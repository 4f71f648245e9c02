import Graphs
import ONNXMessages
import Tensors

/// Writes the graph of an ONNX file, node by node.
struct ONNXGraphReader {
  let file: String
  let message: Onnx_GraphProto
  let opset: Int
  private var external: ONNXExternalData
  var scope = ONNXScope()
  private var folding = ONNXFolding()
  var values: [String: ONNXOperand] = [:]
  private var initializers: [String: Int] = [:]

  /// Prepares the reading of a file's graph.
  ///
  /// - Throws: `ONNXError` if the file is of no opset that can be read.
  init(_ model: Onnx_ModelProto, file: String, folder: String?) throws(ONNXError) {
    self.file = file
    guard model.hasGraph, !model.graph.node.isEmpty else {
      throw ONNXError(file: file, problem: "expected an ONNX network, found none in the file")
    }
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
    opset = Int(version)
    for (index, tensor) in message.initializer.enumerated() { initializers[tensor.name] = index }
  }

  /// The opsets that can be read: what those after 22 changed does not concern the operators here.
  static let opsets = 6...28

  /// The graph's inputs that are not values of the file.
  var inputs: [Onnx_ValueInfoProto] {
    message.input.filter { initializers[$0.name] == nil }
  }

  /// The graph's outputs.
  var outputs: [String] { message.output.map(\.name) }

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

  /// Writes the nodes that outputs need, and returns these.
  ///
  /// - Throws: `ONNXError` naming the node that cannot be written.
  mutating func read(outputs names: [String]) throws(ONNXError) -> [ONNXOperand] {
    for index in try neededNodes(for: names) {
      let node = ONNXNode(message.node[index], opset: opset)
      let results: [ONNXOperand]
      do {
        results = try self.results(of: node, domain: message.node[index].domain)
      } catch {
        throw self.error(error, at: node.place)
      }
      for (name, result) in zip(node.outputs, results) where !name.isEmpty {
        values[name] = result
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

  mutating func results(
    of node: ONNXNode, domain: String
  ) throws -> [ONNXOperand] {
    guard domain.isEmpty || domain == "ai.onnx", let op = ONNXOperator.all[node.op] else {
      let name = domain.isEmpty ? node.op : "\(domain).\(node.op)"
      throw ONNXProblem(
        "the operator \(String(name.prefix(80))) is not supported",
        hint: ONNXOperator.hint(for: node.op, domain: domain))
    }
    try node.check(known: op.attributes)
    var operands: [ONNXOperand?] = []
    for name in node.inputs { operands.append(name.isEmpty ? nil : try operand(name)) }
    let call = ONNXCall(node: node, operands: operands)
    let results = try folding.results(op, call) ?? op.build(&scope, call)
    guard
      node.outputs.count <= results.count
        || node.outputs[results.count...].allSatisfy(\.isEmpty)
    else { throw ONNXProblem("only its first \(results.count) outputs are supported") }
    return results
  }

  /// A value that an earlier node, the input or the file defines.
  private mutating func operand(_ name: String) throws -> ONNXOperand {
    if let value = values[name] { return value }
    guard let index = initializers[name] else {
      throw ONNXProblem("no earlier node, input or initializer is named \(name.quoted)")
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

  /// The nodes that outputs depend on, in the order of the file.
  func neededNodes(for names: [String]) throws(ONNXError) -> [Int] {
    var producers: [String: Int] = [:]
    for (index, node) in message.node.enumerated() {
      for output in node.output where !output.isEmpty {
        guard producers.updateValue(index, forKey: output) == nil else {
          throw ONNXError(
            file: file, place: ONNXNode(node, opset: opset).place,
            problem: "another node defines \(output.quoted) as well")
        }
      }
    }
    var needed: Set<Int> = []
    var open = names.compactMap { producers[$0] }
    while let index = open.popLast() {
      guard needed.insert(index).inserted else { continue }
      open += message.node[index].input.compactMap { producers[$0] }
    }
    return needed.sorted()
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
