import Archives

extension StateDict {
  /// Reads a safetensors file of any origin.
  ///
  /// - Throws: `ArchiveError` or `SafeTensorsError`, which name the file.
  public init(safeTensors path: String) throws {
    let file = try FileContents(inflating: path)
    self.init(try SafeTensorsFile(bytes: file.bytes, name: file.name))
  }

  init(_ file: SafeTensorsFile) {
    self.init(name: file.name, tensors: file.tensors, isNetwork: NetworkFile.isNetwork(file))
  }
}
