import ONNXMessages
import Settings

/// What kind of numbers a file's input holds, as far as an attack can follow them.
enum ONNXInputType: Hashable {
  /// Floats in single precision.
  case floats
  /// Floats in another precision, by its name.
  case otherFloats(String)
  /// Bytes that become floats before anything is computed of them.
  case bytes

  /// What is to be said of an input of this type.
  func note(_ input: String) -> String? {
    switch self {
    case .floats: nil
    case .otherFloats(let name):
      "the input \(input.quoted) is of \(name); the network is computed in single precision here, so what is"
        + " close to its boundary may differ"
    case .bytes:
      "the input \(input.quoted) is of bytes, which become floats at once; examples are spread over 0 to 255,"
        + " as by \(Setting.inputRange) 0:255, and \(Setting.eightBit) finds changes that bytes can hold"
    }
  }

  /// Finds out what an input holds.
  ///
  /// - Throws: `ONNXError` that names the type and what may help.
  init(
    of input: Onnx_ValueInfoProto, in reader: ONNXGraphReader, _ outputs: [String]
  ) throws(ONNXError) {
    let type = input.type.tensorType.elemType
    let name = ONNXInputType.name(of: input)
    let path = ONNXInputType.path(of: input.name, in: reader)
    switch type {
    case 1: self = .floats
    case 10, 11, 16: self = .otherFloats(name)
    case 2 where path.isWhole && !path.floats.isEmpty: self = .bytes
    default:
      throw ONNXError(
        file: reader.file, place: "input \(input.name.quoted)",
        problem: "expected floats, found \(name)",
        hint: ONNXInputType.remedy(type, path, reader.file, outputs))
    }
  }

  /// The type of a value, for messages.
  static func name(of value: Onnx_ValueInfoProto) -> String {
    guard value.type.value != nil else { return "no tensor" }
    let type = Onnx_TensorProto.DataType(rawValue: Int(value.type.tensorType.elemType))
    return type.map { "\($0)" } ?? "type \(value.type.tensorType.elemType)"
  }

  /// What an input becomes before anything is computed of it.
  private struct Path {
    /// The floats that it becomes by conversion, and by a table of embeddings.
    var floats: [String] = []
    var embeddings: [String] = []
    /// Whether it becomes nothing but floats, by conversion.
    var isWhole = true
  }

  private static let moving: Set<String> = [
    "Concat", "Expand", "Flatten", "Gather", "Identity", "Reshape", "Slice", "Split", "Squeeze",
    "Tile", "Transpose", "Unsqueeze",
  ]

  private static func path(of input: String, in reader: ONNXGraphReader) -> Path {
    var path = Path()
    var seen: Set<String> = []
    var open = [input]
    // A few steps from the input; what is farther away is no conversion of it.
    while let name = open.popLast(), seen.count < 64 {
      guard seen.insert(name).inserted else { continue }
      for node in reader.consumers(of: name) {
        guard node.domain.isEmpty, let output = node.outputs.first else {
          path.isWhole = false
          continue
        }
        switch node.op {
        case "Cast":
          let target = (try? node.integer("to")) ?? 0
          if [1, 10, 11, 16].contains(target) {
            path.floats.append(output)
          } else {
            path.isWhole = false
          }
        case "Shape", "Size": break
        case "Gather" where node.inputs.dropFirst().contains(name):
          path.isWhole = false
          path.embeddings.append(output)
        case let op where moving.contains(op) && node.inputs.first == name || op == "Concat":
          open += node.outputs.filter { !$0.isEmpty }
        default: path.isWhole = false
        }
      }
    }
    if !open.isEmpty { path.isWhole = false }
    return path
  }

  private static func remedy(
    _ type: Int32, _ path: Path, _ file: String, _ outputs: [String]
  ) -> String {
    func cut(_ value: String) -> String {
      let output = outputs.first ?? ""
      return "onnx.utils.extract_model('\(file)', 'cut.onnx', ['\(value)'], ['\(output)'])"
    }
    if path.embeddings.count == 1, path.floats.isEmpty {
      return "tokens have no gradient; a network that takes their embeddings is written by "
        + cut(path.embeddings[0])
    }
    if path.floats.count == 1, path.embeddings.isEmpty {
      return "a network that takes the floats they become is written by " + cut(path.floats[0])
        + (type == 2 ? ", for \(Setting.inputRange) 0:255" : "")
    }
    return
      "whole numbers, truth values and texts have no gradient: export the network from its first floats"
      + " on, or ask it through program:COMMAND"
  }
}
