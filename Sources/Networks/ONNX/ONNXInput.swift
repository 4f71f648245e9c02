import ONNXMessages
import Settings
import Tensors

/// The input of a file that is attacked.
struct ONNXInput {
  let name: String
  /// ONNX's shape of one example, the batch of 1 included if there is one.
  let shape: [Int]
  let type: ONNXInputType
  /// Whether there may be any number of examples.
  let isBatchFree: Bool
  /// What is to be said of it.
  let note: String?

  /// The shape of one example.
  var example: Shape { shape.count >= 2 ? Shape(Array(shape.dropFirst())) : Shape(shape) }

  /// Finds the one input that outputs depend on, beside those that get values.
  ///
  /// - Throws: `ONNXError` if there are several, or its type or shape does not serve.
  init(
    of reader: inout ONNXGraphReader, for outputs: [String], _ options: ONNXFile.Options
  ) throws(ONNXError) {
    for (name, values) in options.constants.sorted(by: { $0.key < $1.key }) {
      guard let input = reader.inputs.first(where: { $0.name == name }) else {
        throw ONNXError(
          file: reader.file,
          problem: "there is no input \(name.quoted); there are "
            + reader.inputs.prefix(6).map(\.name.quoted).joined(separator: ", "))
      }
      reader.define(name, try ONNXInput.constant(input, values, file: reader.file))
    }
    let open = reader.inputs.filter { !reader.isDefined($0.name) }
    let used = try reader.inputs(for: outputs).filter { !reader.isDefined($0.name) }
    let inputs = used.isEmpty ? open : used
    guard inputs.count == 1, let input = inputs.first else {
      throw ONNXError(
        file: reader.file,
        problem: "expected one input, found "
          + (inputs.isEmpty
            ? "none" : inputs.prefix(6).map(\.name.quoted).joined(separator: ", ")),
        hint: inputs.last.map {
          "an input that is the same for every example is set by \(Setting.constantInput) '\($0.name)=VALUES' (one"
            + " number for all its values, or one for each); or use program:COMMAND"
        })
    }
    name = input.name
    type = try ONNXInputType(of: input, in: reader, outputs)
    note = type.note(name)
    isBatchFree = ONNXFile.hasFreeBatch(input)
    shape = try ONNXInput.shape(of: input, file: reader.file, options)
  }

  /// Whether a file leaves the shape of an example open.
  static func isOpen(_ model: Onnx_ModelProto) -> Bool {
    let initializers = Set(model.graph.initializer.map(\.name))
    return model.graph.input.contains { input in
      guard !initializers.contains(input.name) else { return false }
      let type = input.type.tensorType
      let dimensions = type.shape.dim
      return !type.hasShape
        || (dimensions.count >= 2 ? dimensions.dropFirst() : dimensions[...]).contains {
          $0.dimValue <= 0
        }
    }
  }

  /// An input that is the same for every example.
  private static func constant(
    _ input: Onnx_ValueInfoProto, _ values: [Double], file: String
  ) throws(ONNXError) -> ONNXOperand {
    let type = input.type.tensorType
    let dimensions = type.shape.dim
    let extents = dimensions.enumerated().map { axis, dimension in
      dimension.dimValue > 0 ? Int(dimension.dimValue) : axis == 0 && dimensions.count > 1 ? 1 : 0
    }
    // Where the file leaves one axis open, the number of values says it.
    let open = extents.indices.filter { extents[$0] == 0 }
    var shape = extents
    if let axis = open.first, open.count == 1 {
      shape[axis] = 1
      shape[axis] = max(1, values.count / max(1, ONNXShape.count(shape) ?? 1))
    }
    guard open.count <= 1, shape.count <= ONNXShape.rankLimit,
      let count = ONNXShape.count(shape), count <= ONNXShape.foldLimit,
      values.count == 1 || values.count == count
    else {
      throw ONNXError(
        file: file, place: "input \(input.name.quoted)",
        problem:
          "\(values.count) values do not fill \(Shape(shape)); expected one number for all, or as"
          + " many as there are")
    }
    let all = values.count == 1 ? [Double](repeating: values[0], count: count) : values
    switch type.elemType {
    case 1, 10, 11, 16: return ONNXOperand(ONNXTensor(all.map { Float($0) }, shape: shape))
    case 2...7, 9, 12, 13:
      let integers = all.compactMap { Int(exactly: $0) }
      guard integers.count == count else {
        throw ONNXError(
          file: file, place: "input \(input.name.quoted)",
          problem: "it is of \(ONNXInputType.name(of: input)), expected whole numbers")
      }
      return ONNXOperand(
        type.elemType == 9
          ? ONNXTensor(integers.map { $0 == 0 ? 0 : 1 }, shape: shape, kind: .boolean)
          : ONNXTensor(integers, shape: shape))
    default:
      throw ONNXError(
        file: file, place: "input \(input.name.quoted)",
        problem: "it is of \(ONNXInputType.name(of: input)), which gets no value here")
    }
  }

  /// ONNX's shape of one example, the batch of 1 included if there is one.
  private static func shape(
    of input: Onnx_ValueInfoProto, file: String, _ options: ONNXFile.Options
  ) throws(ONNXError) -> [Int] {
    func error(_ problem: String, hint: String? = nil, isOpen: Bool = false) -> ONNXError {
      ONNXError(
        file: file, place: "input \(input.name.quoted)", problem: problem, hint: hint,
        isOpenShape: isOpen)
    }
    let type = input.type.tensorType
    let remedy =
      "say the shape of one example by \(Setting.inputShape), such as \(Setting.inputShape) 3,224,224"
    guard type.hasShape else {
      guard let shape = options.exampleShape else {
        throw error("its shape is not given", hint: remedy, isOpen: true)
      }
      return [1] + shape.extents
    }
    var dimensions = type.shape.dim.map { $0.dimValue > 0 ? Int($0.dimValue) : nil }[...]
    guard dimensions.count <= ONNXShape.rankLimit else { throw error("its shape is absurd") }
    let isBatched = dimensions.count >= 2
    if isBatched, let batch = dimensions.removeFirst(), batch != 1 {
      throw error(
        "its batch is fixed at \(batch); expected 1 or a dynamic one",
        hint: "export with dynamic_axes={'\(input.name)': {0: 'N'}}")
    }
    var example = dimensions.compactMap { $0 }
    if let axis = dimensions.firstIndex(of: nil) {
      guard let given = options.exampleShape else {
        throw error(
          "its axis \(axis) has no fixed size", hint: remedy + ", or give data, which have one",
          isOpen: true)
      }
      guard let filled = ONNXShape.filling(Array(dimensions), with: given.extents) else {
        let own = dimensions.map { $0.map(String.init) ?? "?" }.joined(separator: "x")
        throw error("examples of \(given) do not fit its shape, \(own)", hint: remedy)
      }
      example = filled
    }
    let shape = (isBatched ? [1] : []) + example
    guard ONNXShape.count(shape) ?? 0 > 0 else { throw error("its shape is absurd") }
    return shape
  }
}

extension ONNXShape {
  /// Extents, some of which are open, as those of an example that has them all; `nil` if it does not fit.
  static func filling(_ open: [Int?], with example: [Int]) -> [Int]? {
    func filled(_ values: [Int]) -> [Int]? {
      guard values.count == open.count else { return nil }
      return zip(open, values).map { $0 ?? $1 }
    }
    func fits(_ values: [Int]) -> Bool { zip(open, values).allSatisfy { $0 == nil || $0 == $1 } }
    if example.count == open.count {
      // A picture whose channels the network has last.
      let isLast =
        example.count == 3 && open[0] == nil && open[1] == nil && open[2] != nil && !fits(example)
      return filled(isLast ? [example[1], example[2], example[0]] : example)
    }
    if example.count == open.count + 1, example[0] == 1 {
      return filled(Array(example.dropFirst()))
    }
    // The same values in the same order, but for axes of 1.
    var rest = example.filter { $0 != 1 }[...]
    if open.count(where: { $0 != 1 }) == rest.count {
      return open.map { extent in
        if extent == 1 { return 1 }
        let next = rest.removeFirst()
        return extent ?? next
      }
    }
    // Rows of as many values.
    guard open.count(where: { $0 == nil }) == 1, let total = count(example),
      let fixed = count(open.map { $0 ?? 1 }), fixed > 0, total % fixed == 0
    else { return nil }
    return open.map { $0 ?? total / fixed }
  }
}

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
      "the input \(input.quoted) is of \(name); the network is computed in single precision here, so predictions"
        + " close to the decision boundary may differ"
    case .bytes:
      "the input \(input.quoted) holds bytes, so examples are scaled to 0 to 255 (as by \(Setting.inputRange) 0:255);"
        + " use \(Setting.eightBit) for changes that bytes can hold"
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
      "integers, booleans and strings have no gradient: export the network from its first floats on, or use"
      + " program:COMMAND"
  }
}
