import CEmbedded

/// The networks that come with the program.
public enum BuiltInNetwork: String, CaseIterable, Sendable {
  /// Trained on MNIST without an adversary.
  case mnistStandard = "mnist-standard"
  /// Trained on MNIST against changes of up to 0.3 in the maximum norm.
  case mnistRobust = "mnist-robust"

  /// Reads the network; its history says by which command it was made.
  ///
  /// - Throws: As `NetworkFile.init(bytes:name:)`, if the program was built with a damaged file.
  public func load() throws -> NetworkFile {
    let file =
      switch self {
      case .mnistStandard: EmbeddedFile.mnistStandard
      case .mnistRobust: EmbeddedFile.mnistRobust
      }
    let bytes = Array(UnsafeBufferPointer(start: file.bytes, count: file.count))
    return try NetworkFile(bytes: bytes, name: rawValue)
  }
}
