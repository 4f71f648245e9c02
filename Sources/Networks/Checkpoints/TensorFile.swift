import Archives
import Files
import Tensors

/// A file of tensors in safetensors' form: a network that Gibbon wrote, or the weights of another program.
public enum TensorFile: Sendable {
  /// A network that says its form itself.
  case network(NetworkFile)
  /// Tensors alone, which may be spread over files that the file lists.
  case weights(Checkpoint)

  /// Reads a file, or the list of several.
  ///
  /// - Throws: `FileError` if the file cannot be read, `ArchiveError` if it is gzipped and damaged, `NetworkError` if it
  ///   is malformed; the message names the file.
  public init(path: String) throws {
    let contents = try FileContents(name: path, bytes: WholeFile.read(path)).uncompressed()
    let start = Array(contents.bytes.prefix(FileKind.prefixCount))
    if FileKind(start: start, count: contents.bytes.count) == .shards {
      self = .weights(try WeightsShards(contents, path: path).checkpoint())
      return
    }
    let file: SafeTensorsFile
    do {
      file = try SafeTensorsFile(bytes: contents.bytes, name: contents.name)
    } catch {
      let fault = error.isUnsupported ? "" : "not a whole safetensors file: "
      throw NetworkError.file(error.file, "\(fault)\(error.place): \(error.expectation)")
    }
    self =
      NetworkFile.isNetwork(file) ? .network(try NetworkFile(file)) : .weights(Checkpoint(file))
  }
}

extension Checkpoint {
  /// The tensors of a safetensors file that another program wrote.
  init(_ file: SafeTensorsFile) {
    self.init(
      name: file.name, sets: [TensorSet(file.tensors, integers: file.integers.mapValues(\.shape))])
  }
}
