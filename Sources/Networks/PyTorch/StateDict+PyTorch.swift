import Archives
import Files
import Pickles
import Tensors

extension StateDict {
  /// Reads a checkpoint of PyTorch, in the ZIP format of version 1.6 on or in the one before it.
  ///
  /// Nothing in the file is run: it can say tensors and containers, and whatever else it asks for is refused by
  /// name. Numbers of all types become floats.
  ///
  /// - Parameter path: The file, such as `resnet18.pth`.
  /// - Throws: `FileError`, `ArchiveError`, `PickleError` or `NetworkError.file`, all of which name the file.
  public init(pyTorch path: String) throws {
    do throws(any Error) {
      let start = try FileContents.prefix(ofFile: path, count: 4)
      if start == StateDict.zipStart {
        // The file is left on the disk, so that a large one is held in memory once.
        let size = try RandomAccessFile(path: path).count
        try self.init(StateDict.archive(path), size: size)
      } else {
        let file = try FileContents(inflating: path)
        try self.init(checked: file.bytes, name: file.name)
      }
    } catch let error as PickleError {
      throw StateDict.explained(error, path)
    }
  }

  /// Reads the bytes of a checkpoint of PyTorch.
  ///
  /// - Throws: As `init(pyTorch:)`.
  public init(pyTorch bytes: [UInt8], name: String) throws {
    do throws(any Error) {
      try self.init(checked: bytes, name: name)
    } catch let error as PickleError {
      throw StateDict.explained(error, name)
    }
  }

  private static let zipStart: [UInt8] = [0x50, 0x4B, 3, 4]

  private init(checked bytes: [UInt8], name: String) throws {
    if bytes.starts(with: StateDict.zipStart) {
      try self.init(ZipArchive(bytes: bytes, name: name), size: bytes.count)
    } else {
      try self.init(legacy: bytes, name: name)
    }
  }

  /// The archive of a file that begins as one; its directory is at its end.
  private static func archive(_ path: String) throws -> ZipArchive {
    do throws(ArchiveError) {
      return try ZipArchive(path: path)
    } catch {
      guard error.kind == .format else { throw error }
      throw NetworkError.file(
        path,
        "begins as a checkpoint of PyTorch but has no directory of its entries, which comes last: the"
          + " file was cut short or damaged")
    }
  }

  private static func explained(_ error: PickleError, _ path: String) -> any Error {
    guard let refused = error.refused else { return error }
    return NetworkError.file(
      path,
      "asks to import \(refused), which a file of tensors does not need, so nothing of it was read;"
        + " save model.state_dict() instead of the model")
  }

  private init(_ archive: ZipArchive, size: Int) throws {
    let path = archive.name
    var entries: [String: ZipArchive.Entry] = [:]
    for entry in archive.entries { entries[entry.name] = entry }
    guard let root = archive.entries.first(where: { $0.name.hasSuffix("/data.pkl") }) else {
      throw NetworkError.file(path, "expected PyTorch's data.pkl in the archive, found none")
    }
    let folder = String(root.name.dropLast("data.pkl".count))
    guard entries[folder + "constants.pkl"] == nil else {
      throw NetworkError.file(
        path, "holds a TorchScript program; expected the state dict alone, or export it as ONNX")
    }
    // Tensors hardly compress; what grows tenfold is a bomb, be it one entry or many over the same bytes.
    var rest = 8 * size + (1 << 20)
    func contents(_ name: String) throws -> [UInt8] {
      guard let entry = entries[name] else {
        throw NetworkError.file(path, "\(name) is missing from the archive")
      }
      let bytes = try archive.contents(of: entry, limit: rest)
      rest -= bytes.count
      return bytes
    }
    if entries[folder + "byteorder"] != nil,
      String(decoding: try contents(folder + "byteorder"), as: UTF8.self) != "little"
    {
      throw NetworkError.file(path, "numbers are big-endian; expected little-endian ones")
    }
    let pickle = try Pickle(
      contents(root.name)[...], name: path, allowing: PickleGlobal.checkpoints)
    var storages = TorchStorages(file: path) { try contents(folder + "data/" + $0)[...] }
    try self.init(TorchPickle(pickle: pickle, file: path), &storages)
  }

  /// The number that begins files of the older format.
  private static let magic: Int128 = 0x1950_a86a_20f9_469c_fc6c

  private init(legacy bytes: [UInt8], name: String) throws {
    func pickle(at offset: Int) throws -> Pickle {
      try Pickle(bytes[offset...], name: name, allowing: PickleGlobal.checkpoints)
    }
    guard bytes.count > 2, bytes[0] == 0x80 else {
      throw NetworkError.file(name, "expected a checkpoint of PyTorch, found another format")
    }
    let magic = try pickle(at: 0)
    guard case .large(StateDict.magic) = magic[magic.root] else {
      throw NetworkError.file(
        name, "expected a checkpoint of PyTorch, found a pickle without its number")
    }
    let version = try pickle(at: magic.end)
    guard version.root.integer == 1001 else {
      throw NetworkError.file(name, "expected version 1001 of PyTorch's older format")
    }
    let system = try pickle(at: version.end)
    guard system.entry("little_endian", of: system.root) == .bool(true) else {
      throw NetworkError.file(name, "numbers are big-endian; expected little-endian ones")
    }
    let root = try pickle(at: system.end)
    let keys = try pickle(at: root.end)
    let torch = TorchPickle(pickle: root, file: name)
    let places = try StateDict.places(
      of: keys.elements(of: keys.root)?.compactMap { keys.text(of: $0) } ?? [],
      types: torch.storageTypes(), in: bytes, from: keys.end, name: name)
    var storages = TorchStorages(file: name) { key in
      guard let place = places[key] else {
        throw NetworkError.file(name, "the storage \(key) is missing")
      }
      return bytes[place]
    }
    try self.init(torch, &storages)
  }

  /// Where each storage lies behind the pickles: a count of numbers, then the numbers.
  private static func places(
    of keys: [String], types: [String: ScalarType], in bytes: [UInt8], from start: Int, name: String
  ) throws(NetworkError) -> [String: Range<Int>] {
    var places: [String: Range<Int>] = [:]
    var position = start
    for key in keys {
      guard let type = types[key] else {
        throw .file(name, "the storage \(key) is of an unknown type")
      }
      guard bytes.count - position >= 8 else {
        throw .file(name, "the file ends before the storage \(key)")
      }
      let count = bytes[position..<position + 8].reversed().reduce(0 as UInt64) {
        $0 << 8 | UInt64($1)
      }
      position += 8
      guard count <= UInt64((bytes.count - position) / type.size) else {
        throw .file(
          name,
          "the storage \(key) announces \(count) numbers, but \(bytes.count - position) bytes are left"
        )
      }
      places[key] = position..<position + Int(count) * type.size
      position += Int(count) * type.size
    }
    return places
  }

  private init(_ torch: TorchPickle, _ storages: inout TorchStorages) throws {
    let (entries, path) = try torch.stateDict()
    var tensors: [String: Tensor<Float>] = [:]
    for (key, value) in entries {
      guard let name = torch.pickle.text(of: key) else {
        throw NetworkError.file(torch.file, "expected names as keys of the state dict")
      }
      if let view = try torch.view(value, named: name) {
        tensors[name] = try storages.tensor(view, named: name)
      }
    }
    self.init(name: torch.file, tensors: tensors, path: path)
  }
}
