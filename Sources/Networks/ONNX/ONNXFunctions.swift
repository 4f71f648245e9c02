import ONNXMessages

/// The functions that a file defines, whose bodies are written out where they are called.
struct ONNXFunctions {
  /// The depth to which functions may call functions.
  static let depthLimit = 64
  /// The most nodes that calls may become.
  static let nodeLimit = 200_000
  /// The most bytes that the names and attributes of these nodes may take.
  static let sizeLimit = 1 << 27

  private let file: String
  private let opset: Int
  private var functions: [Identifier: Onnx_FunctionProto] = [:]
  private var nodes: [ONNXNode] = []
  private var calls = 0
  private var size = 0

  fileprivate struct Identifier: Hashable {
    let domain: String
    let name: String
    let overload: String
  }

  /// What the names in a body stand for.
  private struct Scope {
    var opset: Int
    var function: String?
    /// Values by their names in the body; others get the prefix.
    var names: [String: String] = [:]
    var prefix = ""
    /// The call's attributes and the function's defaults.
    var attributes: [String: Onnx_AttributeProto] = [:]
    var depth = 0
    /// The functions that are being written out.
    var open: Set<Identifier> = []

    func name(_ name: String) -> String { name.isEmpty ? "" : names[name] ?? prefix + name }
  }

  init(_ model: Onnx_ModelProto, opset: Int, file: String) {
    self.file = file
    self.opset = opset
    for function in model.functions {
      functions[Identifier(function.domain, function.name, function.overload)] = function
    }
  }

  /// The nodes that a graph's nodes become.
  ///
  /// - Throws: `ONNXError` that names the call that cannot be written out.
  mutating func writtenOut(_ messages: [Onnx_NodeProto]) throws(ONNXError) -> [ONNXNode] {
    for message in messages { try write(message, Scope(opset: opset)) }
    return nodes
  }

  private mutating func write(_ message: Onnx_NodeProto, _ scope: Scope) throws(ONNXError) {
    let identifier = Identifier(message.domain, message.opType, message.overload)
    // What a file says of ONNX's own operators is how it may be computed, not how it must be.
    let isKnown = identifier.domain.isEmpty && ONNXOperator.all[message.opType] != nil
    guard !isKnown, let function = functions[identifier] else {
      nodes.append(try renamed(message, scope))
      return
    }
    let place = ONNXNode(message, opset: scope.opset, function: scope.function).place
    guard !scope.open.contains(identifier) else {
      throw error(place, "the function calls itself")
    }
    guard scope.depth < ONNXFunctions.depthLimit else {
      throw error(place, "functions call one another \(ONNXFunctions.depthLimit) deep")
    }
    var body = try self.scope(of: function, calledBy: message, in: scope, place)
    body.open.insert(identifier)
    for node in function.node { try write(node, body) }
    // A value that comes back as it came, or comes back twice, has no node of its own.
    for (formal, actual) in zip(function.output, message.output) where !actual.isEmpty {
      let result = scope.name(actual)
      if body.name(formal) == result { continue }
      var identity = Onnx_NodeProto()
      identity.opType = "Identity"
      identity.name = message.name
      identity.input = [body.name(formal)]
      identity.output = [result]
      nodes.append(ONNXNode(identity, opset: body.opset, function: body.function))
    }
  }

  /// The meaning of names in a function's body at one of its calls.
  private mutating func scope(
    of function: Onnx_FunctionProto, calledBy message: Onnx_NodeProto, in scope: Scope,
    _ place: String
  ) throws(ONNXError) -> Scope {
    guard message.input.count <= function.input.count,
      message.output.count <= function.output.count
    else {
      throw error(
        place,
        "it has \(message.input.count) inputs and \(message.output.count) outputs, but the"
          + " function \(function.name.quoted) has \(function.input.count) and"
          + " \(function.output.count)")
    }
    calls += 1
    size += 64 * (function.input.count + function.output.count + function.attributeProto.count)
    try checkSize(place)
    let version = function.opsetImport.first { $0.domain.isEmpty || $0.domain == "ai.onnx" }
    var body = Scope(
      opset: version.map { Int($0.version) } ?? scope.opset, function: function.name,
      prefix: "\(calls)\u{1F}", depth: scope.depth + 1, open: scope.open)
    guard ONNXGraphReader.opsets.contains(body.opset) else {
      throw error(
        place,
        "the function \(function.name.quoted) is of opset \(body.opset), expected one from"
          + " \(ONNXGraphReader.opsets.lowerBound) to \(ONNXGraphReader.opsets.upperBound)")
    }
    for (place, name) in function.input.enumerated() {
      body.names[name] =
        message.input.indices.contains(place) ? scope.name(message.input[place]) : ""
    }
    for (formal, actual) in zip(function.output, message.output)
    where !actual.isEmpty && body.names[formal] == nil {
      body.names[formal] = scope.name(actual)
    }
    for attribute in function.attributeProto { body.attributes[attribute.name] = attribute }
    for attribute in message.attribute {
      if let given = resolved(attribute, scope) { body.attributes[attribute.name] = given }
    }
    return body
  }

  /// An attribute whose value may be that of the function's call; `nil` where the call leaves it out.
  private func resolved(
    _ attribute: Onnx_AttributeProto, _ scope: Scope
  ) -> Onnx_AttributeProto? {
    guard scope.function != nil, !attribute.refAttrName.isEmpty else { return attribute }
    guard var given = scope.attributes[attribute.refAttrName] else { return nil }
    given.name = attribute.name
    return given
  }

  /// A node under the names that its values have in the whole file.
  private mutating func renamed(
    _ message: Onnx_NodeProto, _ scope: Scope
  ) throws(ONNXError) -> ONNXNode {
    guard scope.function != nil else { return ONNXNode(message, opset: scope.opset) }
    var node = message
    if node.name.isEmpty { node.name = message.output.first ?? "" }
    node.input = message.input.map { scope.name($0) }
    node.output = message.output.map { scope.name($0) }
    node.attribute = message.attribute.compactMap { resolved($0, scope) }
    size += node.input.reduce(0) { $0 + $1.utf8.count } + node.attribute.reduce(0) { $0 + $1.size }
    size += node.output.reduce(0) { $0 + $1.utf8.count }
    try checkSize(ONNXNode(message, opset: scope.opset, function: scope.function).place)
    return ONNXNode(node, opset: scope.opset, function: scope.function)
  }

  /// Makes sure that a small file does not become a large graph.
  private func checkSize(_ place: String) throws(ONNXError) {
    guard nodes.count + calls <= ONNXFunctions.nodeLimit, size <= ONNXFunctions.sizeLimit else {
      throw error(
        place,
        "the file's functions become more than \(ONNXFunctions.nodeLimit) nodes or"
          + " \(ONNXFunctions.sizeLimit >> 20) MB")
    }
  }

  private func error(_ place: String, _ problem: String) -> ONNXError {
    ONNXError(file: file, place: place, problem: problem)
  }
}

extension ONNXFunctions.Identifier {
  fileprivate init(_ domain: String, _ name: String, _ overload: String) {
    self.init(domain: domain == "ai.onnx" ? "" : domain, name: name, overload: overload)
  }
}

extension Onnx_AttributeProto {
  /// About how many bytes its value takes.
  fileprivate var size: Int {
    let numbers = floats.count * 4 + ints.count * 8 + s.count
    let texts = strings.reduce(0) { $0 + $1.count }
    let words = t.int32Data.count + t.floatData.count
    let longs = t.int64Data.count + t.doubleData.count + t.uint64Data.count
    return 64 + numbers + texts + t.rawData.count + 4 * words + 8 * longs
  }
}

/// Counts the messages of a file before it is decoded, for an empty one takes two bytes there and hundreds in memory.
struct ONNXCensus {
  /// More than any network has, and little enough for any machine.
  static let limit = 400_000

  /// The most inputs that all nodes may have together, of which a file holds one in three bytes, and each of which an
  /// operator may make a step of.
  static let inputLimit = 200_000

  private(set) var count = 0
  private(set) var inputs = 0
  private let bytes: [UInt8]

  /// Counts nodes, attributes, tensors and their like; what is malformed is left for the decoder to refuse.
  init(_ bytes: [UInt8]) {
    self.bytes = bytes
    visit(0..<bytes.count, ONNXCensus.model)
  }

  /// The fields of a message that are messages, and what these hold.
  private struct Level {
    var fields: [Int: Level] = [:]
    /// Whether its first field is the name of an input.
    var isNode = false
  }

  private static let leaf = Level()
  private static let tensor = Level(fields: [13: leaf])
  private static let attribute = Level(fields: [5: tensor])
  private static let node = Level(fields: [5: attribute], isNode: true)
  private static let graph = Level(fields: [
    1: node, 5: tensor, 11: leaf, 12: leaf, 15: leaf,
  ])
  private static let function = Level(fields: [7: node, 9: leaf, 11: attribute])
  private static let model = Level(fields: [7: graph, 8: leaf, 14: leaf, 25: function])

  /// Whether there is no more of anything than a network may have.
  var isWithinLimits: Bool { count <= ONNXCensus.limit && inputs <= ONNXCensus.inputLimit }

  private mutating func visit(_ range: Range<Int>, _ level: Level) {
    var position = range.lowerBound
    while position < range.upperBound, isWithinLimits {
      guard let key = bytes.varint(at: &position, before: range.upperBound) else { return }
      switch key & 7 {
      case 0: guard bytes.varint(at: &position, before: range.upperBound) != nil else { return }
      case 1: position += 8
      case 5: position += 4
      case 2:
        guard let length = bytes.varint(at: &position, before: range.upperBound),
          length <= UInt64(range.upperBound - position)
        else { return }
        let end = position + Int(length)
        if level.isNode, key >> 3 == 1 { inputs += 1 }
        if let inner = level.fields[Int(truncatingIfNeeded: key >> 3)] {
          count += 1
          visit(position..<end, inner)
        }
        position = end
      default: return
      }
    }
  }
}
