public import Archives
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

  /// The bytes of a checkpoint that `torch.load` reads as a state dict, in the ZIP format.
  ///
  /// Tensors are written as 32-bit floats in order of name.
  ///
  /// - Throws: `ArchiveError` if a name cannot be written.
  public func encodedForPyTorch() throws(ArchiveError) -> [UInt8] {
    var program = PickleWriter()
    var files: [(name: String, bytes: [UInt8])] = []
    program.orderedDictionary()
    program.mark()
    for (place, key) in tensors.keys.sorted().enumerated() {
      guard let tensor = tensors[key] else { continue }
      program.text(key)
      program.tensor(storage: String(place), shape: tensor.shape)
      var bytes: [UInt8] = []
      bytes.reserveCapacity(4 * tensor.count)
      for value in tensor.scalars {
        withUnsafeBytes(of: value.bitPattern.littleEndian) { bytes.append(contentsOf: $0) }
      }
      files.append(("archive/data/\(place)", bytes))
    }
    program.setItems()
    program.stop()
    return try ZipEncoder.encoded(
      [
        ("archive/data.pkl", program.bytes), ("archive/byteorder", Array("little".utf8)),
      ] + files + [("archive/version", Array("3\n".utf8))])
  }
}

/// Writes the few instructions of protocol 2 that a state dict takes.
private struct PickleWriter {
  private(set) var bytes: [UInt8] = [0x80, 2]

  mutating func mark() { bytes.append(UInt8(ascii: "(")) }
  mutating func setItems() { bytes.append(UInt8(ascii: "u")) }
  mutating func stop() { bytes.append(UInt8(ascii: ".")) }

  mutating func text(_ text: String) {
    bytes.append(UInt8(ascii: "X"))
    append(UInt32(text.utf8.count))
    bytes += Array(text.utf8)
  }

  mutating func orderedDictionary() {
    global("collections", "OrderedDict")
    bytes += Array(")R".utf8)
  }

  /// A call of PyTorch's function that makes a tensor of a whole storage.
  mutating func tensor(storage: String, shape: Shape) {
    global("torch._utils", "_rebuild_tensor_v2")
    mark()
    mark()
    text("storage")
    global("torch", "FloatStorage")
    text(storage)
    text("cpu")
    integer(shape.count)
    bytes += Array("tQ".utf8)
    integer(0)
    tuple(shape.extents)
    tuple(shape.strides)
    // No gradient is asked for, and there are no hooks.
    bytes.append(0x89)
    orderedDictionary()
    bytes += Array("tR".utf8)
  }

  private mutating func global(_ module: String, _ name: String) {
    bytes += Array("c\(module)\n\(name)\n".utf8)
  }

  private mutating func tuple(_ values: [Int]) {
    mark()
    for value in values { integer(value) }
    bytes.append(UInt8(ascii: "t"))
  }

  private mutating func integer(_ value: Int) {
    if let small = Int32(exactly: value) {
      bytes.append(UInt8(ascii: "J"))
      append(small)
    } else {
      bytes += [0x8A, 8]
      append(Int64(value))
    }
  }

  private mutating func append(_ word: some FixedWidthInteger) {
    withUnsafeBytes(of: word.littleEndian) { bytes.append(contentsOf: $0) }
  }
}
