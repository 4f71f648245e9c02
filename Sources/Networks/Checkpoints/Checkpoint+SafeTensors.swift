import Archives
import Tensors

extension Checkpoint {
  /// Reads a safetensors file of any origin, or the list of the files over which tensors are spread.
  ///
  /// - Throws: `ArchiveError`, `SafeTensorsError` or `NetworkError.file`, which name the file.
  public init(safeTensors path: String) throws {
    let file = try FileContents(inflating: path)
    let start = Array(file.bytes.prefix(FileKind.prefixCount))
    if FileKind(start: start, count: file.bytes.count) == .shards {
      self = try WeightsShards(file, path: path).checkpoint()
    } else {
      self.init(try SafeTensorsFile(bytes: file.bytes, name: file.name))
    }
  }

  init(_ file: SafeTensorsFile) {
    self.init(
      name: file.name, sets: [TensorSet(file.tensors, integers: file.integers.mapValues(\.shape))],
      isNetwork: NetworkFile.isNetwork(file))
  }
}
