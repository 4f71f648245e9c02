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

  /// Checks that a network whose batch is free computes each example of a larger batch as it computes one alone.
  ///
  /// The nodes that outputs need are written once more, for several examples in one value, and the axis that holds
  /// the examples is followed through them. A file that cannot be computed for several examples is one for single ones.
  ///
  /// - Parameters:
  ///   - input: The input's name; what needs it has been read.
  ///   - shape: Its shape for one example.
  ///   - outputs: The names of the outputs.
  /// - Throws: `ONNXError` naming the node that combines examples.
  func checkExamples(
    of input: String, shape: [Int], outputs: [String]
  ) throws(ONNXError) {
    var larger = self
    let examples = larger.largerBatch(for: shape)
    var changed: [String: ONNXBatchedValue] = [:]
    do {
      let full = [examples] + shape.dropFirst()
      try ONNXShape.checked(full)
      let value = larger.scope.graph.input("several examples", Extents(full))
      changed[input] = ONNXBatchedValue(
        operand: ONNXOperand(value, isBatched: false, shape: full),
        position: ONNXBatchPosition(axis: 0))
    } catch { return }
    for index in try nodes.needed(for: outputs) {
      let node = nodes[index]
      guard node.inputs.contains(where: { changed[$0] != nil }) else { continue }
      do {
        try larger.follow(node, examples, &changed)
      } catch let problem as ONNXProblem
        where problem.text == ONNXProblem.mixing.text || node.op == "Resize"
      {
        // Sizes of a resizing that do not fit several examples change them all.
        let single = shape.map(String.init).joined(separator: ",")
        throw ONNXError(
          file: file, place: node.place, problem: ONNXProblem.mixing.text,
          hint: "each example by itself: fix the batch at 1 by python -m"
            + " onnxruntime.tools.make_dynamic_shape_fixed --input_name \(input)"
            + " --input_shape \(single) IN.onnx OUT.onnx")
      } catch {
        return
      }
    }
  }

  /// A number of examples that no extent of the file could be taken for.
  private func largerBatch(for shape: [Int]) -> Int {
    let extents = Set(shape + message.initializer.flatMap { $0.dims.map { Int($0) } })
    return [3, 5, 7, 11, 13, 17, 19, 23, 29, 31].first { prime in
      !extents.contains { $0 > 0 && $0 % prime == 0 }
    } ?? 37
  }

  private mutating func follow(
    _ node: ONNXNode, _ examples: Int, _ changed: inout [String: ONNXBatchedValue]
  ) throws {
    let inputs = node.inputs.map { name -> ONNXBatchedValue? in
      name.isEmpty
        ? nil
        : changed[name] ?? values[name].map { ONNXBatchedValue(operand: $0, isRepeated: true) }
    }
    for (name, input) in zip(node.inputs, inputs) where !name.isEmpty {
      if let operand = input?.operand { define(name, operand) }
    }
    let singles = node.outputs.map { values[$0] }
    let results = try self.results(of: node)
    let call = ONNXCall(node: node, operands: inputs.map { $0?.operand })
    let dependsOnInput =
      !ONNXBatchRule.shapeReaders.contains(node.op) && inputs.contains { $0?.position != nil }
    if dependsOnInput { try checkNumbers(node, inputs, examples) }
    var positions = results.map { _ in ONNXBatchPosition?.none }
    if dependsOnInput {
      positions = try ONNXBatchRule(
        call: call, scope: scope, operands: inputs, results: results.map(\.shape),
        examples: examples
      ).positions()
    }
    for (index, name) in node.outputs.enumerated() where !name.isEmpty {
      guard results.indices.contains(index), let single = singles[index] else { continue }
      let result = results[index]
      if let position = positions[index] {
        var shape = result.shape
        guard shape.indices.contains(position.axis), shape[position.axis] % examples == 0 else {
          throw ONNXProblem.mixing
        }
        shape[position.axis] /= examples
        guard shape.filter({ $0 != 1 }) == single.shape.filter({ $0 != 1 }) else {
          throw ONNXProblem.mixing
        }
      } else if result.shape == single.shape, isUnchanged(result, single, inputs) {
        continue
      }
      changed[name] = ONNXBatchedValue(
        operand: result, position: positions[index],
        isRepeated: isRepeated(node, inputs, result, single))
    }
  }

  /// Whether a value that does not depend on the input is the same for any number of examples.
  private func isUnchanged(
    _ result: ONNXOperand, _ single: ONNXOperand, _ inputs: [ONNXBatchedValue?]
  ) -> Bool {
    if let new = result.known, let old = single.known { return new == old }
    return inputs.allSatisfy { $0?.isRepeated ?? true }
  }

  /// Whether a value that does not depend on the input is a repetition of that for one example.
  private func isRepeated(
    _ node: ONNXNode, _ inputs: [ONNXBatchedValue?], _ result: ONNXOperand, _ single: ONNXOperand
  ) -> Bool {
    if let new = result.known, let old = single.known { return new.repeats(old) }
    if node.op == "ConstantOfShape" { return true }
    let data = ONNXBatchRule.data(of: node.op, inputs)
    return data.allSatisfy { $0?.isRepeated ?? true }
  }

  /// Refuses arithmetic of examples with values that depend on their number.
  private func checkNumbers(
    _ node: ONNXNode, _ inputs: [ONNXBatchedValue?], _ examples: Int
  ) throws {
    let data = ONNXBatchRule.data(of: node.op, inputs)
    guard data.allSatisfy({ $0.map { $0.position != nil || $0.isRepeated } ?? true }) else {
      throw ONNXProblem.mixing
    }
  }
}

extension ONNXOperand {
  /// Whether it is a row of floats for each example, but for axes of 1.
  var isRow: Bool { isBatched && kind == .float && shape.count { $0 != 1 } <= 1 && count > 0 }
}

extension ONNXTensor {
  /// Whether these are the values of another tensor, repeated along at most one axis.
  fileprivate func repeats(_ other: ONNXTensor) -> Bool {
    if self == other { return true }
    let axes = zip(shape, other.shape).enumerated().filter { $1.0 != $1.1 }.map(\.offset)
    guard kind == other.kind, shape.count == other.shape.count, axes.count == 1,
      let axis = axes.first, other.shape[axis] > 0, shape[axis] % other.shape[axis] == 0
    else { return false }
    let inner = other.shape[axis...].reduce(1, *)
    let times = shape[axis] / other.shape[axis]
    let (new, old) = (floats, other.floats)
    return new.indices.allSatisfy { index in
      new[index] == old[index / (inner * times) * inner + index % inner]
    }
  }
}
