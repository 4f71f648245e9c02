import Archives
import Files
import ONNXMessages
import SwiftProtobuf
public import Tensors

/// A network in an ONNX file.
///
/// The graph is specialised to one example and then vectorised over examples, so that a batch dimension that is
/// symbolic, or fixed at 1, is free. Floats of the file are parameters under their own names. Opsets 6 to 28.
public struct ONNXFile: Sendable {
  /// The network; normalisation, if any, is part of its graph.
  public let network: Network
  /// What the file says of itself besides.
  public let metadata: [String: String]

  /// What a file may leave open.
  public struct Options: Hashable, Sendable {
    /// The shape of one example, needed where the file fixes neither height nor width.
    public var exampleShape: Shape?
    /// The output that holds the scores, needed where there are several.
    public var output: String?
    /// What the input means; read from the file's metadata or else in [0, 1].
    public var input: InputDescription?

    /// Creates options.
    public init(
      exampleShape: Shape? = nil, output: String? = nil, input: InputDescription? = nil
    ) {
      self.exampleShape = exampleShape
      self.output = output
      self.input = input
    }
  }

  /// Reads a file, and those in its folder that it refers to.
  ///
  /// - Throws: `FileError` if the file cannot be read, `ArchiveError` if it is gzipped and damaged, `ONNXError` naming file, node and operator if it is no
  ///   network that can be had.
  public init(path: String, options: Options = Options()) throws {
    let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
    let file = try FileContents(name: path, bytes: WholeFile.read(path)).uncompressed()
    try self.init(bytes: file.bytes, name: path, folder: folder, options: options)
  }

  /// Reads the bytes of a file.
  ///
  /// - Parameters:
  ///   - bytes: The contents.
  ///   - name: The file's name for messages.
  ///   - folder: Where files that it refers to are, ending in a slash; `nil` if there are none.
  ///   - options: What the file may leave open.
  /// - Throws: `ONNXError`.
  public init(
    bytes: [UInt8], name: String, folder: String? = nil, options: Options = Options()
  ) throws(ONNXError) {
    let model = try ONNXFile.message(bytes, name: name)
    metadata = Dictionary(model.metadataProps.map { ($0.key, $0.value) }) { $1 }
    var reader = try ONNXGraphReader(model, file: name, folder: folder)
    guard reader.inputs.count == 1, let input = reader.inputs.first else {
      throw ONNXError(
        file: name,
        problem: "expected one input, found "
          + reader.inputs.prefix(6).map(\.name.quoted).joined(separator: ", "))
    }
    let shape = try ONNXFile.shape(of: input, file: name, options)
    let example = shape.count >= 2 ? Shape(Array(shape.dropFirst())) : Shape(shape)
    try reader.defineInput(input.name, shape: shape, example: example)
    let output = try ONNXFile.output(of: reader.outputs, file: name, options.output)
    let result = try reader.read(outputs: [output])[0]
    let graph = try reader.finish(result, place: "output \(output.quoted)")
    let description: InputDescription
    if let given = options.input {
      description = given
    } else {
      description = try ONNXMetadata.input(of: metadata, shape: example, file: name)
    }
    guard description.shape == example else {
      throw ONNXError(
        file: name, place: "input \(input.name.quoted)",
        problem: "expected examples of \(description.shape), found \(example)")
    }
    network = Network(
      metadata[ONNXMetadata.architecture] ?? "ONNX", input: description, graph: graph,
      parameters: reader.parameters(of: graph),
      interface: Network.Interface(input: input.name, output: output))
  }

  static func message(_ bytes: [UInt8], name: String) throws(ONNXError) -> Onnx_ModelProto {
    guard ONNXCensus(bytes).count <= ONNXCensus.limit else {
      throw ONNXError(
        file: name, problem: "expected at most \(ONNXCensus.limit) nodes, tensors and attributes")
    }
    var options = BinaryDecodingOptions()
    options.discardUnknownFields = true
    options.messageDepthLimit = 20
    do {
      return try Onnx_ModelProto(serializedBytes: bytes, options: options)
    } catch {
      throw ONNXError(
        file: name, problem: "not a whole ONNX file: its protocol buffers are damaged")
    }
  }

  /// ONNX's shape of one example, the batch of 1 included if there is one.
  private static func shape(
    of input: Onnx_ValueInfoProto, file: String, _ options: Options
  ) throws(ONNXError) -> [Int] {
    func error(_ problem: String, hint: String? = nil) -> ONNXError {
      ONNXError(file: file, place: "input \(input.name.quoted)", problem: problem, hint: hint)
    }
    let type = input.type.tensorType
    guard type.elemType == Onnx_TensorProto.DataType.float.rawValue else {
      throw error(
        "expected floats in single precision, found type \(type.elemType)",
        hint: "export the network in single precision")
    }
    guard type.hasShape, type.shape.dim.count <= ONNXShape.rankLimit else {
      guard let shape = options.exampleShape else {
        throw error("its shape is not given", hint: "give the shape of an example")
      }
      return [1] + shape.extents
    }
    var shape: [Int] = []
    for (axis, dimension) in type.shape.dim.enumerated() {
      let isBatch = axis == 0 && type.shape.dim.count >= 2
      if case .dimValue(let value) = dimension.value, value > 0 {
        guard !isBatch || value == 1 else {
          throw error(
            "its batch is fixed at \(value); expected 1 or a dynamic one",
            hint: "export with dynamic_axes={'\(input.name)': {0: 'N'}}")
        }
        shape.append(Int(value))
      } else if isBatch {
        shape.append(1)
      } else if let given = options.exampleShape,
        given.rank == type.shape.dim.count - (type.shape.dim.count >= 2 ? 1 : 0)
      {
        shape.append(given[axis - (type.shape.dim.count >= 2 ? 1 : 0)])
      } else {
        throw error(
          "its axis \(axis) has no fixed size",
          hint: "give the shape of an example, or fix it in the file")
      }
    }
    guard ONNXShape.count(shape) ?? 0 > 0 else { throw error("its shape is absurd") }
    return shape
  }

  private static func output(
    of names: [String], file: String, _ wanted: String?
  ) throws(ONNXError) -> String {
    if let wanted {
      guard names.contains(wanted) else {
        throw ONNXError(
          file: file,
          problem: "there is no output \(wanted.quoted); there are "
            + names.prefix(6).map(\.quoted).joined(separator: ", "))
      }
      return wanted
    }
    guard names.count == 1 else {
      throw ONNXError(
        file: file,
        problem: "expected one output, found "
          + names.prefix(6).map(\.quoted).joined(separator: ", "))
    }
    return names[0]
  }
}
