import Files
import Graphs
import ONNXMessages
import SwiftProtobuf

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
