import Archives
import CEmbedded
import Files
public import Tensors

/// A network in a safetensors file: its parameters, how they came to be, and what a trainer needs to go on.
public struct NetworkFile: Sendable {
  /// The network.
  public var network: Network
  /// How the network came to be: recipe, seed, metrics, as text.
  public var history: [String: String]
  /// Tensors that are not parameters, such as an optimiser's momenta, by a name with a prefix.
  public var state: [String: Tensor<Float>]

  private static let formatKey = "format"
  private static let format = "gibbon-network-2"
  /// The format before there were checksums.
  private static let plainFormat = "gibbon-network-1"
  private static let architectureKey = "architecture"
  private static let statePrefix = "state/"

  /// Creates the contents of a file.
  public init(
    _ network: Network, history: [String: String] = [:], state: [String: Tensor<Float>] = [:]
  ) {
    self.network = network
    self.history = history
    self.state = state
  }

  /// Reads a file.
  ///
  /// - Parameters:
  ///   - path: The file.
  ///   - form: The network whose parameters it holds, where the name of its architecture is not one of those known.
  /// - Throws: `FileError` if the file cannot be read, `ArchiveError` if it is gzipped and damaged,
  ///   `NetworkError` if it is malformed, holds no network or another than its architecture says; the message
  ///   names the file.
  public init(path: String, form: Network? = nil) throws {
    let file = try FileContents(name: path, bytes: WholeFile.read(path)).uncompressed()
    try self.init(bytes: file.bytes, name: file.name, form: form)
  }

  /// Reads the bytes of a file.
  ///
  /// - Throws: As `init(path:)`, but for `FileError`.
  public init(bytes: [UInt8], name: String, form: Network? = nil) throws {
    do {
      try self.init(SafeTensorsFile(bytes: bytes, name: name), form: form)
    } catch let error as SafeTensorsError {
      throw NetworkError.file(
        error.file, "not a whole safetensors file: \(error.place): \(error.expectation)")
    }
  }

  /// Whether a safetensors file is one of networks, written by Gibbon.
  ///
  /// Hugging Face's programs and timm write a format of their own into every file, `pt`.
  static func isNetwork(_ file: SafeTensorsFile) -> Bool {
    file.metadata[formatKey]?.hasPrefix("gibbon-") == true
  }

  init(_ file: SafeTensorsFile, form: Network? = nil) throws {
    guard let format = file.metadata[NetworkFile.formatKey], NetworkFile.isNetwork(file) else {
      throw NetworkError.file(
        file.name,
        "expected a network written by Gibbon, found the tensors of another program alone")
    }
    guard [NetworkFile.format, NetworkFile.plainFormat].contains(format) else {
      throw NetworkError.file(
        file.name, "expected the format \(NetworkFile.format) in its metadata, found \"\(format)\"")
    }
    let checksum = file.metadata[SafeTensorsFile.checksumKey]
    if format == NetworkFile.format || checksum != nil {
      let found = file.checksum()
      guard checksum == found else {
        throw NetworkError.file(
          file.name,
          "is damaged: its checksum is \(checksum ?? "missing"), that of its contents \(found)")
      }
    }
    guard let name = file.metadata[NetworkFile.architectureKey] else {
      throw NetworkError.file(file.name, "expected an \"architecture\" in its metadata, found none")
    }
    do {
      var state: [String: Tensor<Float>] = [:]
      var parameters: [String: Tensor<Float>] = [:]
      for (name, tensor) in file.tensors {
        if name.hasPrefix(NetworkFile.statePrefix) {
          state[String(name.dropFirst(NetworkFile.statePrefix.count))] = tensor
        } else {
          parameters[name] = tensor
        }
      }
      let network: Network
      if var form, form.architecture == name {
        try form.load(parameters)
        network = form
      } else {
        let architecture = try Architecture.named(name)
        let description =
          InputDescription.isDescribed(by: file.metadata)
          ? try InputDescription(metadata: file.metadata, shape: architecture.input.shape) : nil
        network = try architecture.network(loading: parameters, input: description)
      }
      var history = file.metadata.filter { !$0.key.hasPrefix(InputDescription.metadataPrefix) }
      history[NetworkFile.formatKey] = nil
      history[NetworkFile.architectureKey] = nil
      history[SafeTensorsFile.checksumKey] = nil
      self.init(network, history: history, state: state)
    } catch let error as NetworkError {
      throw NetworkError.file(file.name, error.description)
    }
  }

  /// The bytes of the file.
  ///
  /// The network must be of a known architecture, since the file does not hold its graph.
  public func encoded() -> [UInt8] {
    var file = SafeTensorsFile(name: network.architecture)
    file.tensors = network.parameters
    for (name, tensor) in state { file.tensors[NetworkFile.statePrefix + name] = tensor }
    file.metadata = history
    file.metadata[NetworkFile.formatKey] = NetworkFile.format
    file.metadata[NetworkFile.architectureKey] = network.architecture
    let standard = (try? Architecture.named(network.architecture))?.input
    if network.input != standard {
      file.metadata.merge(network.input.metadata) { _, new in new }
    }
    file.metadata[SafeTensorsFile.checksumKey] = file.checksum()
    return file.encoded()
  }

  /// Writes the file whole or not at all.
  ///
  /// - Throws: `FileError`, whose message names the path and the system's reason.
  public func write(to path: String) throws { try AtomicFile.write(encoded(), to: path) }
}

/// The networks that come with the program.
public enum BuiltInNetwork: String, CaseIterable, Sendable {
  /// Trained on MNIST without an adversary.
  case mnistStandard = "mnist-standard"
  /// Trained on MNIST against changes of up to 0.3 in the maximum norm.
  case mnistRobust = "mnist-robust"
  /// Trained on MNIST by interval bounds, so that bounds of such changes hold.
  case mnistCertified = "mnist-certified"

  /// Reads the network; its history says by which command it was made.
  ///
  /// - Throws: As `NetworkFile.init(bytes:name:)`, if the program was built with a damaged file.
  public func load() throws -> NetworkFile {
    let file =
      switch self {
      case .mnistStandard: EmbeddedFile.mnistStandard
      case .mnistRobust: EmbeddedFile.mnistRobust
      case .mnistCertified: EmbeddedFile.mnistCertified
      }
    let bytes = Array(UnsafeBufferPointer(start: file.bytes, count: file.count))
    return try NetworkFile(bytes: bytes, name: rawValue)
  }
}
