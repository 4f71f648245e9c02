import Files
import ONNXMessages
import SwiftProtobuf

/// A node of a file with checked access to its attributes.
struct ONNXNode {
  /// The number up to which sizes such as a kernel's are believed.
  static let sizeLimit = 1 << 20

  let op: String
  let domain: String
  let name: String
  /// The version of ONNX's operators that the file uses.
  let opset: Int
  let inputs: [String]
  let outputs: [String]
  /// The function of the file whose body it belongs to; `nil` for a node of the graph itself.
  let function: String?
  private let attributes: [String: Onnx_AttributeProto]

  init(_ message: Onnx_NodeProto, opset: Int, function: String? = nil) {
    op = message.opType
    domain = message.domain == "ai.onnx" ? "" : message.domain
    name = message.name.isEmpty ? message.output.first ?? "" : message.name
    self.opset = opset
    self.function = function
    inputs = message.input
    outputs = message.output
    attributes = Dictionary(message.attribute.map { ($0.name, $0) }) { $1 }
  }

  /// A node of our own, by which another one is read.
  init(_ op: String, opset: Int, outputs: Int = 1, integers: [String: Int] = [:]) {
    self.op = op
    (domain, name, function) = ("", op, nil)
    self.opset = opset
    inputs = []
    self.outputs = (0..<outputs).map(String.init)
    attributes = integers.reduce(into: [:]) { attributes, integer in
      attributes[integer.key] = .with {
        $0.name = integer.key
        $0.type = .int
        $0.i = Int64(integer.value)
      }
    }
  }

  /// The node in messages.
  var place: String {
    "node \(name.quoted) (\(op.prefix(80)), opset \(opset))"
      + (function.map { " of the function \($0.quoted)" } ?? "")
  }

  /// The operator with its domain, for messages.
  var fullName: String { String((domain.isEmpty ? op : "\(domain).\(op)").prefix(80)) }

  /// Whether an attribute is given.
  func has(_ name: String) -> Bool { attributes[name] != nil }

  /// Refuses attributes that the operator's reader does not know, for they may change its meaning.
  func check(known: Set<String>) throws {
    for name in attributes.keys.sorted() where !known.contains(name) {
      throw ONNXProblem("its attribute \(name.quoted) is not supported")
    }
  }

  private func attribute(
    _ name: String, _ type: Onnx_AttributeProto.AttributeType
  ) throws -> Onnx_AttributeProto? {
    guard let attribute = attributes[name] else { return nil }
    guard attribute.refAttrName.isEmpty else {
      throw ONNXProblem("its attribute \(name.quoted) refers to a function's")
    }
    guard attribute.type == type || attribute.type == .undefined else {
      throw ONNXProblem(
        "its attribute \(name.quoted) is of type \(attribute.type), expected \(type)")
    }
    return attribute
  }

  func integer(_ name: String) throws -> Int? {
    try attribute(name, .int).map { Int($0.i) }
  }

  func flag(_ name: String, _ standard: Bool = false) throws -> Bool {
    try integer(name).map { $0 != 0 } ?? standard
  }

  func number(_ name: String, _ standard: Float) throws -> Float {
    try attribute(name, .float)?.f ?? standard
  }

  func optionalNumber(_ name: String) throws -> Float? { try attribute(name, .float)?.f }

  func numbers(_ name: String) throws -> [Float]? { try attribute(name, .floats)?.floats }

  func integers(_ name: String) throws -> [Int]? {
    try attribute(name, .ints)?.ints.map { Int($0) }
  }

  /// Sizes, all between a smallest one and a number that a file may be believed.
  func sizes(_ name: String, atLeast least: Int) throws -> [Int]? {
    guard let sizes = try integers(name) else { return nil }
    guard sizes.allSatisfy({ least...ONNXNode.sizeLimit ~= $0 }) else {
      throw ONNXProblem("its attribute \(name.quoted) is \(sizes.prefix(8)), which is out of range")
    }
    return sizes
  }

  func text(_ name: String) throws -> String? {
    guard let attribute = try attribute(name, .string) else { return nil }
    guard let text = String(validating: attribute.s, as: UTF8.self) else {
      throw ONNXProblem("its attribute \(name.quoted) is not text")
    }
    return text
  }

  func tensor(_ name: String) throws -> Onnx_TensorProto? { try attribute(name, .tensor)?.t }
}

/// The nodes of a file's graph, with the bodies of its functions instead of their calls.
struct ONNXNodes {
  private let file: String
  private let nodes: [ONNXNode]
  /// Which node defines a value.
  private var producers: [String: Int] = [:]
  /// Which nodes take a value, in the order of the file.
  private var users: [String: [Int]] = [:]

  /// Writes functions out.
  ///
  /// - Throws: `ONNXError` if a value is defined twice, or a function cannot be written out.
  init(_ model: Onnx_ModelProto, opset: Int, file: String) throws(ONNXError) {
    self.file = file
    if model.functions.isEmpty {
      nodes = model.graph.node.map { ONNXNode($0, opset: opset) }
    } else {
      var functions = ONNXFunctions(model, opset: opset, file: file)
      nodes = try functions.writtenOut(model.graph.node)
    }
    let given = Set(
      model.graph.initializer.map(\.name) + model.graph.sparseInitializer.map(\.values.name)
        + model.graph.input.map(\.name))
    for (index, node) in nodes.enumerated() {
      for input in Set(node.inputs) { users[input, default: []].append(index) }
      if let output = node.outputs.first(where: { given.contains($0) && !$0.isEmpty }) {
        throw ONNXError(
          file: file, place: node.place,
          problem: "\(output.quoted) is an input or an initializer of the file as well")
      }
      for output in node.outputs where !output.isEmpty {
        guard producers.updateValue(index, forKey: output) == nil else {
          throw ONNXError(
            file: file, place: node.place,
            problem: "another node defines \(output.quoted) as well")
        }
      }
    }
  }

  subscript(index: Int) -> ONNXNode { nodes[index] }

  /// The nodes that take a value, in the order of the file.
  func consumers(of name: String) -> [ONNXNode] { (users[name] ?? []).map { nodes[$0] } }

  /// The nodes that outputs depend on, each after those that it depends on, and else in the order of the file.
  ///
  /// - Throws: `ONNXError` if a node depends on itself.
  func needed(for names: [String]) throws(ONNXError) -> [Int] {
    var needed: Set<Int> = []
    var open = names.compactMap { producers[$0] }
    while let index = open.popLast() {
      guard needed.insert(index).inserted else { continue }
      open += nodes[index].inputs.compactMap { producers[$0] }
    }
    var order: [Int] = []
    var states = [State](repeating: .untouched, count: nodes.count)
    // Without recursion, since a chain may be as long as the file.
    for start in needed.sorted() where states[start] == .untouched {
      var path: [(node: Int, input: Int)] = [(start, 0)]
      states[start] = .open
      while let (index, input) = path.last {
        guard input < nodes[index].inputs.count else {
          path.removeLast()
          states[index] = .done
          order.append(index)
          continue
        }
        path[path.count - 1].input += 1
        guard let source = producers[nodes[index].inputs[input]] else { continue }
        switch states[source] {
        case .done: continue
        case .untouched:
          states[source] = .open
          path.append((source, 0))
        case .open:
          throw ONNXError(
            file: file, place: nodes[index].place,
            problem: "its input \(nodes[index].inputs[input].quoted) depends on its own result;"
              + " expected nodes that form no circle")
        }
      }
    }
    return order
  }

  private enum State {
    case untouched
    case open
    case done
  }
}

/// Makes sure that each name in a file stands for one thing, as ONNX's own checker does.
///
/// Of two values of one name a reader would silently take one, and others the other. What nodes define is looked at
/// where they are put in order (`ONNXNodes`).
enum ONNXNames {
  /// Looks through a file.
  ///
  /// - Throws: `ONNXError` that names what there is twice.
  static func check(_ model: Onnx_ModelProto, file: String) throws(ONNXError) {
    func require(
      _ name: String?, _ problem: String, at place: String = ""
    ) throws(ONNXError) {
      guard let name else { return }
      throw ONNXError(file: file, place: place, problem: "\(problem) \(name.quoted)")
    }
    let graph = model.graph
    let initializers =
      graph.initializer.map(\.name) + graph.sparseInitializer.map(\.values.name)
    guard !initializers.contains("") else {
      throw ONNXError(file: file, problem: "an initializer has no name")
    }
    try require(twice(initializers), "two initializers are named")
    try require(twice(graph.input.map(\.name)), "two inputs are named")
    try require(twice(model.metadataProps.map(\.key)), "two entries of its metadata are named")
    try require(
      twice(model.functions.map { "\($0.domain).\($0.name).\($0.overload)" }),
      "two functions are named")
    for node in graph.node { try check(node, file) }
    for function in model.functions {
      let place = "function \(function.name.quoted)"
      try require(twice(function.input), "two of its inputs are named", at: place)
      try require(twice(function.output), "two of its outputs are named", at: place)
      try require(
        twice(function.input + function.node.flatMap { $0.output.filter { !$0.isEmpty } }),
        "two of its values are named", at: place)
      for node in function.node { try check(node, file) }
    }
  }

  private static func check(_ node: Onnx_NodeProto, _ file: String) throws(ONNXError) {
    guard node.attribute.count > 1, let name = twice(node.attribute.map(\.name)) else { return }
    throw ONNXError(
      file: file, place: ONNXNode(node, opset: 0).place,
      problem: "two of its attributes are named \(name.quoted)")
  }

  /// The first name that there is twice.
  private static func twice(_ names: [String]) -> String? {
    var seen: Set<String> = []
    return names.first { !seen.insert($0).inserted }
  }
}

/// Why an ONNX file is not a network that can be read, or a network cannot be written as one.
public struct ONNXError: Error, Equatable, CustomStringConvertible {
  /// The file.
  public let file: String
  /// Where in the file, such as a node with its operator and opset; empty for the file as a whole.
  public let place: String
  /// What was found and what was expected.
  public let problem: String
  /// What may help, such as an exporter's option.
  public let hint: String?
  /// Whether nothing is wrong but that the file leaves the shape of an example open.
  public let isOpenShape: Bool

  /// Creates an error.
  public init(
    file: String, place: String = "", problem: String, hint: String? = nil,
    isOpenShape: Bool = false
  ) {
    self.file = file
    self.place = place
    self.problem = problem
    self.hint = hint
    self.isOpenShape = isOpenShape
  }

  /// One line: the file, the place, the problem and the hint.
  public var description: String {
    let parts = [file, place, problem].filter { !$0.isEmpty }.joined(separator: ": ")
    return (parts + (hint.map { " (\($0))" } ?? "")).terminalSafe
  }
}

/// What is wrong with one node or tensor, whose place its reader knows.
struct ONNXProblem: Error {
  let text: String
  let hint: String?

  init(_ text: String, hint: String? = nil) {
    self.text = text
    self.hint = hint
  }
}

extension String {
  /// A name from a file in quotes, cut where it is absurdly long.
  var quoted: String { "'\(count > 80 ? prefix(77) + "..." : self[...])'" }
}
