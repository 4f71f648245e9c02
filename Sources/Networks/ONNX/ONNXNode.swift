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
      throw ONNXProblem("its attribute \(name.quoted) is \(sizes.prefix(8)), which is absurd")
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
