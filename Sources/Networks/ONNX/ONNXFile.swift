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

/// Reads tensors that a file keeps in other files beside it.
struct ONNXExternalData {
  /// The folder of the file; `nil` if it has none.
  let folder: String?
  private var files: [String: [UInt8]] = [:]

  init(folder: String?) { self.folder = folder }

  /// The bytes of a tensor.
  ///
  /// - Throws: `ONNXProblem` if the place is not inside a file of the same folder.
  mutating func bytes(of message: Onnx_TensorProto) throws -> [UInt8] {
    let entries = Dictionary(message.externalData.map { ($0.key, $0.value) }) { $1 }
    guard let location = entries["location"], isInside(location) else {
      throw ONNXProblem(
        "its values are in the file \((entries["location"] ?? "").quoted)"
          + "; expected one in the same folder")
    }
    guard let folder else {
      throw ONNXProblem("its values are in the file \(location.quoted), which was not given")
    }
    let file = try read(location, in: folder)
    guard let offset = Int(entries["offset"] ?? "0"), offset >= 0, offset <= file.count,
      let length = Int(entries["length"] ?? String(file.count - offset)), length >= 0,
      length <= file.count - offset
    else {
      throw ONNXProblem(
        "its values are outside the file \(location.quoted) of \(file.count) bytes")
    }
    return Array(file[offset..<offset + length])
  }

  private mutating func read(_ location: String, in folder: String) throws -> [UInt8] {
    if let bytes = files[location] { return bytes }
    do throws(FileError) {
      if let place = try Folder.place(of: location, within: folder) {
        let bytes = try WholeFile.read(place)
        files[location] = bytes
        return bytes
      }
    } catch {
      throw ONNXProblem(error.description)
    }
    throw ONNXProblem(
      "its values are in the file \(location.quoted), a symbolic link out of the folder of the network",
      hint: "copy both files, as cp -L does, into one folder")
  }

  /// Whether a place is a path below the folder: relative, without going up.
  private func isInside(_ location: String) -> Bool {
    let parts = location.split(separator: "/", omittingEmptySubsequences: false)
    return !location.isEmpty && !location.utf8.contains(0) && !location.contains("\\")
      && parts.allSatisfy { !$0.isEmpty && $0 != ".." }
  }
}

/// What Gibbon writes into a file's metadata, so that it need not be told again.
enum ONNXMetadata {
  static let architecture = prefix + "architecture"
  private static let prefix = "gibbon."

  /// The entries that describe a network.
  static func entries(of network: Network) -> [String: String] {
    var entries = [architecture: network.architecture]
    for (key, value) in network.input.metadata { entries[prefix + key] = value }
    return entries
  }

  /// What a file's metadata say of the input; what they do not say is as usual.
  ///
  /// - Throws: `ONNXError` if an entry is malformed.
  static func input(
    of metadata: [String: String], shape: Shape, file: String
  ) throws(ONNXError) -> InputDescription {
    var entries: [String: String] = [:]
    for (key, value) in metadata where key.hasPrefix(prefix) {
      entries[String(key.dropFirst(prefix.count))] = value
    }
    do {
      return try InputDescription(metadata: entries, shape: shape)
    } catch {
      throw ONNXError(file: file, place: "metadata", problem: error.description)
    }
  }
}

/// What an ONNX file says of itself, without its graph being read.
public struct ONNXOutline: Sendable {
  /// An input or output.
  public struct Value: Sendable {
    /// Its name.
    public let name: String
    /// The type of its elements.
    public let type: String
    /// Its extents with the batch, numbers or names; `nil` if they are not given.
    public let extents: [String]?
  }

  /// The inputs that are not values of the file.
  public let inputs: [Value]
  /// The outputs.
  public let outputs: [Value]
  /// The values of the file, by name and shape.
  public let parameters: [(name: String, shape: Shape)]

  /// Reads a file.
  ///
  /// - Throws: As `ONNXFile` for files that cannot be read.
  public init(path: String) throws {
    let file = try FileContents(name: path, bytes: WholeFile.read(path)).uncompressed()
    let model = try ONNXFile.message(file.bytes, name: path)
    let initializers = Set(model.graph.initializer.map(\.name))
    inputs = model.graph.input.filter { !initializers.contains($0.name) }.map { Value($0) }
    outputs = model.graph.output.map { Value($0) }
    parameters = model.graph.initializer.compactMap { tensor in
      guard let extents = ONNXShape.integers(tensor.dims), ONNXShape.count(extents) != nil else {
        return nil
      }
      return (tensor.name, Shape(extents))
    }
  }
}

extension ONNXOutline.Value {
  fileprivate init(_ message: Onnx_ValueInfoProto) {
    let type = message.type.tensorType
    self.init(
      name: message.name, type: ONNXInputType.name(of: message),
      extents: type.hasShape
        ? type.shape.dim.map { dimension in
          dimension.dimValue > 0
            ? String(dimension.dimValue)
            : dimension.dimParam.isEmpty ? "?" : dimension.dimParam
        } : nil)
  }
}
