import Files
import Foundation
import Graphs
import ONNXMessages
import SwiftProtobuf
import Tensors

/// Writes a graph as ONNX's nodes.
struct ONNXGraphWriter {
  static let opset = 17

  let network: Network
  let graph: Graph
  let uses: [Int]
  var message = Onnx_GraphProto()
  /// The name of each value, once it is written in full.
  var names: [Int: String] = [:]
  /// The names of values that are repetitions, with extents of 1 where they are repeated, which ONNX's
  /// arithmetic repeats by itself.
  var shortNames: [Int: String] = [:]
  private var taken: Set<String> = []
  private var constants: [ONNXTensor: String] = [:]
  private var batchName: String?

  init(_ network: Network) {
    self.network = network
    graph = network.graph.pruned()
    uses = graph.useCounts
  }

  /// The graph's message.
  mutating func write() throws(ONNXError) -> Onnx_GraphProto {
    message.name = network.architecture
    taken = Set(graph.parameters.map(\.name))
    // Before any value takes it; parameters keep their names, for they are known by them.
    let outputName = uniqueName(network.interface.output)
    for index in graph.nodes.indices { try write(Value(index: index)) }
    for (name, value) in graph.outputs {
      let unique = name == Network.outputName ? outputName : uniqueName(name)
      try add("Identity", [try full(value)], named: unique)
      message.output.append(info(unique, graph[value].extents))
    }
    return message
  }

  private mutating func write(_ value: Value) throws(ONNXError) {
    switch graph[value] {
    case .input(let name, let extents):
      let unique = uniqueName(name == Network.inputName ? network.interface.input : name)
      message.input.append(info(unique, extents))
      names[value.index] = unique
    case .parameter(let name, let shape):
      guard let tensor = network.parameters[name], tensor.shape == shape else {
        throw error("its parameter \(name.quoted) is missing or misshaped")
      }
      message.initializer.append(
        tensorMessage(ONNXTensor(tensor.scalars, shape: shape.extents), name))
      names[value.index] = name
    case .constant(let tensor):
      names[value.index] = constant(ONNXTensor(tensor.scalars, shape: tensor.shape.extents))
    case .operation(let op, let operands, let extents):
      try write(op, operands, extents, as: value)
    }
  }

  /// A problem with the network.
  func error(_ problem: String) -> ONNXError {
    ONNXError(file: network.architecture, place: "as ONNX", problem: problem)
  }

  /// The name of a value with all its repetitions written out.
  mutating func full(_ value: Value) throws(ONNXError) -> String {
    if let name = names[value.index] { return name }
    guard let short = shortNames[value.index] else {
      throw error("a value is used before it is written")
    }
    let name = try expanded(short, to: graph[value].extents)
    names[value.index] = name
    return name
  }

  /// A value repeated by ONNX's rules to extents, of which the first may be the batch.
  mutating func expanded(_ name: String, to extents: Extents) throws(ONNXError) -> String {
    guard extents.isBatched else {
      return try add("Expand", [name, integers(extents.values)])
    }
    let batch: String
    if let batchName {
      batch = batchName
    } else {
      guard let input = message.input.first?.name else { throw error("it has no input") }
      let shape = try add("Shape", [input])
      batch = try add("Slice", [shape, integers([0]), integers([1])])
      batchName = batch
    }
    let rest = Array(extents.values.dropFirst())
    let target =
      rest.isEmpty
      ? batch : try add("Concat", [batch, integers(rest)], [.integer("axis", 0)])
    return try add("Expand", [name, target])
  }

  /// Adds a node and returns the name of its result.
  @discardableResult
  mutating func add(
    _ op: String, _ inputs: [String], _ attributes: [Onnx_AttributeProto] = [],
    named name: String? = nil
  ) throws(ONNXError) -> String {
    let result = name ?? uniqueName("\(op.lowercased())_\(message.node.count)")
    message.node.append(
      .with {
        $0.opType = op
        $0.name = result
        $0.input = inputs
        $0.output = [result]
        $0.attribute = attributes
      })
    return result
  }

  /// The name of a known tensor.
  mutating func constant(_ tensor: ONNXTensor) -> String {
    if let name = constants[tensor] { return name }
    let name = uniqueName("constant_\(constants.count)")
    // An initialiser would be taken for a parameter when the file is read again.
    let value = tensorMessage(tensor, name)
    message.node.append(
      .with {
        $0.opType = "Constant"
        $0.name = name
        $0.output = [name]
        $0.attribute = [
          .with {
            $0.name = "value"
            $0.type = .tensor
            $0.t = value
          }
        ]
      })
    constants[tensor] = name
    return name
  }

  /// The name of known integers.
  mutating func integers(_ values: [Int]) -> String {
    constant(ONNXTensor(values, shape: [values.count]))
  }

  /// The name of a known number.
  mutating func number(_ value: Float) -> String { constant(ONNXTensor([value], shape: [])) }

  /// A name that nothing else has.
  private mutating func uniqueName(_ name: String) -> String {
    var unique = name
    while !taken.insert(unique).inserted { unique += "_" }
    return unique
  }

  private func info(_ name: String, _ extents: Extents) -> Onnx_ValueInfoProto {
    .with {
      $0.name = name
      $0.type.tensorType.elemType = Int32(Onnx_TensorProto.DataType.float.rawValue)
      $0.type.tensorType.shape.dim = extents.values.map { extent in
        .with {
          $0.value = extent == Extents.batch ? .dimParam("N") : .dimValue(Int64(extent))
        }
      }
    }
  }

  private func tensorMessage(_ tensor: ONNXTensor, _ name: String) -> Onnx_TensorProto {
    .with {
      $0.name = name
      $0.dims = tensor.shape.map { Int64($0) }
      switch tensor.values {
      case .floats(let values):
        $0.dataType = Int32(Onnx_TensorProto.DataType.float.rawValue)
        $0.rawData = Data(littleEndian: values.map(\.bitPattern))
      case .integers(let values):
        $0.dataType = Int32(Onnx_TensorProto.DataType.int64.rawValue)
        $0.rawData = Data(littleEndian: values.map { Int64($0) })
      }
    }
  }
}

extension Data {
  /// The bytes of integers, the least significant first.
  fileprivate init<Value: FixedWidthInteger>(littleEndian values: [Value]) {
    self = values.map(\.littleEndian).withUnsafeBytes { Data($0) }
  }
}

extension Onnx_AttributeProto {
  static func integer(_ name: String, _ value: Int) -> Onnx_AttributeProto {
    .with {
      $0.name = name
      $0.type = .int
      $0.i = Int64(value)
    }
  }

  static func integers(_ name: String, _ values: [Int]) -> Onnx_AttributeProto {
    .with {
      $0.name = name
      $0.type = .ints
      $0.ints = values.map { Int64($0) }
    }
  }

  static func number(_ name: String, _ value: Float) -> Onnx_AttributeProto {
    .with {
      $0.name = name
      $0.type = .float
      $0.f = value
    }
  }
}

extension Network {
  /// The bytes of an ONNX file of opset 17 with the network, its batch dynamic.
  ///
  /// Input and output are named as in the ONNX file that the network comes from, else `input` and `logits`; parameters
  /// as here. What the input means is in the file's
  /// metadata, from which `ONNXFile` reads it.
  ///
  /// - Parameter metadata: Further entries, such as how the network was made.
  /// - Returns: The bytes.
  /// - Throws: `ONNXError` if the graph has an operator that ONNX cannot express, such as a gradient's.
  public func encodedForONNX(metadata: [String: String] = [:]) throws(ONNXError) -> [UInt8] {
    var writer = ONNXGraphWriter(self)
    var model = Onnx_ModelProto()
    model.irVersion = 8
    model.producerName = "gibbon"
    model.opsetImport = [
      .with { $0.version = Int64(ONNXGraphWriter.opset) }
    ]
    model.graph = try writer.write()
    var entries = metadata
    for (key, value) in ONNXMetadata.entries(of: self) { entries[key] = value }
    model.metadataProps = entries.sorted { $0.key < $1.key }.map { key, value in
      .with {
        $0.key = key
        $0.value = value
      }
    }
    do {
      return try model.serializedBytes()
    } catch {
      throw ONNXError(
        file: architecture, problem: "it is too large for one ONNX file, which holds 2 GiB")
    }
  }

  /// Writes the network as an ONNX file, whole or not at all.
  ///
  /// - Throws: `ONNXError` if ONNX cannot express it, `FileError` if it cannot be written.
  public func writeONNX(to path: String, metadata: [String: String] = [:]) throws {
    try AtomicFile.write(try encodedForONNX(metadata: metadata), to: path)
  }
}
