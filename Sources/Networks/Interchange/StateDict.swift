public import Tensors

/// Tensors by name, as another program saved them.
public struct StateDict: Sendable {
  /// What errors call the file.
  public let name: String

  /// The tensors by name, as in the file.
  public let tensors: [String: Tensor<Float>]

  /// The keys under which they lay in the file, such as `model_state_dict`.
  public let path: [String]

  /// Creates a set of tensors.
  public init(name: String, tensors: [String: Tensor<Float>], path: [String] = []) {
    self.name = name
    self.tensors = tensors
    self.path = path
  }

  /// Reads the dictionary of tensors in a checkpoint of PyTorch that an evaluation would take.
  ///
  /// - Throws: As `Checkpoint.init(pyTorch:)`; `NetworkError.file` if the values of a tensor cannot be read.
  public init(pyTorch path: String) throws { try self.init(Checkpoint(pyTorch: path)) }

  /// Reads the bytes of a checkpoint of PyTorch.
  ///
  /// - Throws: As `init(pyTorch:)`.
  public init(pyTorch bytes: [UInt8], name: String) throws {
    try self.init(Checkpoint(pyTorch: bytes, name: name))
  }

  private init(_ checkpoint: Checkpoint) throws {
    let sets = checkpoint.sets
    let best = WeightsRank.best(of: sets.map(\.path), counts: sets.map(\.entries.count))
    guard let set = sets.first(where: { $0.path == best }) else {
      throw NetworkError.file(
        checkpoint.name, "expected a state dict: a dictionary of tensors by name")
    }
    let values = try set.read(Array(set.entries.indices))
    let tensors = Dictionary(zip(set.entries.map(\.name), values)) { _, last in last }
    self.init(name: checkpoint.name, tensors: tensors, path: set.path)
  }
}
