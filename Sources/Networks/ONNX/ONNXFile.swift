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
  /// Whether the file's input is of bytes; the network takes their values, from 0 to 255, as floats.
  public let takesBytes: Bool
  /// What was chosen or is computed otherwise than the file says, each in a sentence.
  public let notes: [String]

  /// What a file may leave open.
  public struct Options: Hashable, Sendable {
    /// The shape of one example, needed where the file leaves axes other than the batch open.
    public var exampleShape: Shape?
    /// The output that holds the scores; by default the first that is a row of floats for each example.
    public var output: String?
    /// Values of inputs that are the same for every example: one number for all, or as many as there are.
    public var constants: [String: [Double]]
    /// What the input means; read from the file's metadata or else in [0, 1].
    public var input: InputDescription?

    /// Creates options.
    public init(
      exampleShape: Shape? = nil, output: String? = nil, constants: [String: [Double]] = [:],
      input: InputDescription? = nil
    ) {
      self.exampleShape = exampleShape
      self.output = output
      self.constants = constants
      self.input = input
    }
  }

  /// Reads a file, and those in its folder that it refers to.
  ///
  /// - Parameters:
  ///   - path: The file.
  ///   - options: What the file may leave open.
  ///   - example: Gives the shape of an example; asked only if the file leaves it open and the options do not say it.
  /// - Throws: `FileError` if the file cannot be read, `ArchiveError` if it is gzipped and damaged, `ONNXError` naming file, node and operator if it is no
  ///   network that can be had; what `example` throws.
  public init(
    path: String, options: Options = Options(), example: () throws -> Shape? = { nil }
  ) throws {
    let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
    let file = try FileContents(name: path, bytes: WholeFile.read(path)).uncompressed()
    let model = try ONNXFile.message(file.bytes, name: path)
    var options = options
    if options.exampleShape == nil, ONNXInput.isOpen(model) {
      options.exampleShape = try example()
    }
    try self.init(model, name: path, folder: folder, options: options)
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
    try self.init(
      ONNXFile.message(bytes, name: name), name: name, folder: folder, options: options)
  }

  private init(
    _ model: Onnx_ModelProto, name: String, folder: String?, options: Options
  ) throws(ONNXError) {
    metadata = Dictionary(model.metadataProps.map { ($0.key, $0.value) }) { $1 }
    var reader = try ONNXGraphReader(model, file: name, folder: folder)
    let outputs = try ONNXOutputs(of: reader, wanted: options.output)
    let input = try ONNXInput(of: &reader, for: outputs.names, options)
    try reader.defineInput(input.name, shape: input.shape, example: input.example)
    let (output, choice) = try outputs.chosen(by: reader)
    takesBytes = input.type == .bytes
    notes = [choice, input.note].compactMap { $0.map { "\(name): \($0)" } }
    let result = try reader.read(outputs: [output])[0]
    if input.isBatchFree {
      try reader.checkExamples(of: input.name, shape: input.shape, outputs: [output])
    }
    let graph = try reader.finish(result, output: output)
    let description: InputDescription
    if let given = options.input {
      description = given
    } else {
      description = try ONNXMetadata.input(of: metadata, shape: input.example, file: name)
    }
    guard description.shape == input.example else {
      throw ONNXError(
        file: name, place: "input \(input.name.quoted)",
        problem: "expected examples of \(description.shape), found \(input.example)")
    }
    network = Network(
      metadata[ONNXMetadata.architecture] ?? "ONNX", input: description, graph: graph,
      parameters: reader.parameters(of: graph),
      interface: Network.Interface(input: input.name, output: output))
  }

  /// Whether a network takes any number of examples.
  static func hasFreeBatch(_ input: Onnx_ValueInfoProto) -> Bool {
    let dimensions = input.type.tensorType.shape.dim
    guard dimensions.count >= 2 else { return dimensions.isEmpty }
    if case .dimValue(let value) = dimensions[0].value, value > 0 { return false }
    return true
  }

  static func message(_ bytes: [UInt8], name: String) throws(ONNXError) -> Onnx_ModelProto {
    guard ONNXCensus(bytes).isWithinLimits else {
      throw ONNXError(
        file: name,
        problem: "expected at most \(ONNXCensus.limit) nodes, tensors and attributes, and"
          + " \(ONNXCensus.inputLimit) inputs of nodes")
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
}
