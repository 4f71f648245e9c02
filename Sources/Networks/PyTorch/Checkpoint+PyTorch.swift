import Archives
import Files
import Pickles
import Tensors

extension Checkpoint {
  /// Reads a checkpoint of PyTorch, in the ZIP format of version 1.6 on or in the one before it.
  ///
  /// Nothing in the file is run: it can say tensors and containers, and whatever else it asks for is refused by
  /// name. The values of tensors are read later.
  ///
  /// - Parameter path: The file, such as `resnet18.pth`.
  /// - Throws: `FileError`, `ArchiveError`, `PickleError` or `NetworkError.file`, all of which name the file.
  public init(pyTorch path: String) throws {
    let start = try FileContents.prefix(ofFile: path, count: 4)
    if start == Checkpoint.zipStart {
      // The file is left on the disk, so that a large one is held in memory once.
      let size = try RandomAccessFile(path: path).count
      try self.init(Checkpoint.archive(path), size: size)
    } else {
      let file = try FileContents(inflating: path)
      try self.init(pyTorch: file.bytes, name: file.name)
    }
  }

  /// Reads the bytes of a checkpoint of PyTorch.
  ///
  /// - Throws: As `init(pyTorch:)`.
  public init(pyTorch bytes: [UInt8], name: String) throws {
    if bytes.starts(with: Checkpoint.zipStart) {
      try self.init(ZipArchive(bytes: bytes, name: name), size: bytes.count)
    } else {
      try self.init(legacy: bytes, name: name)
    }
  }

  private static let zipStart: [UInt8] = [0x50, 0x4B, 3, 4]

  /// The archive of a file that begins as one; its directory is at its end.
  private static func archive(_ path: String) throws -> ZipArchive {
    do throws(ArchiveError) {
      return try ZipArchive(path: path)
    } catch {
      guard error.kind == .format else { throw error }
      throw NetworkError.file(
        path,
        "begins as a PyTorch checkpoint but lacks the directory at its end: the file was cut short or damaged"
      )
    }
  }

  private init(_ archive: ZipArchive, size: Int) throws {
    let data = try TorchArchive(archive, size: size)
    var rest = data.limit
    let pickle = try Checkpoint.pickle(
      data.contents("data.pkl", rest: &rest)[...], archive.name, isPyTorch: true)
    try self.init(TorchPickle(pickle: pickle, file: archive.name)) {
      var rest = data.limit
      return TorchStorages(file: archive.name) {
        try data.contents("data/" + $0, rest: &rest)[...]
      }
    }
  }

  /// A pickle of a checkpoint; what it asks for beyond tensors is explained.
  private static func pickle(
    _ bytes: ArraySlice<UInt8>, _ name: String, isPyTorch: Bool
  ) throws -> Pickle {
    do throws(PickleError) {
      return try Pickle(bytes, name: name, allowing: PickleGlobal.checkpoints)
    } catch {
      guard let refused = error.refused else { throw error }
      // Noted calls are never made, so looking at what is refused is harmless.
      let whole = try? Pickle(bytes, name: name, allowing: nil)
      throw TorchRefusal(global: refused, file: name, pickle: whole, isPyTorch: isPyTorch).error
    }
  }

  /// The number that begins files of the older format.
  private static let magic: Int128 = 0x1950_a86a_20f9_469c_fc6c

  private init(legacy bytes: [UInt8], name: String) throws {
    func pickle(at offset: Int) throws -> Pickle {
      try Checkpoint.pickle(bytes[offset...], name, isPyTorch: offset > 0)
    }
    guard bytes.count > 2, bytes[0] == 0x80 else {
      throw NetworkError.file(name, "expected a checkpoint of PyTorch, found another format")
    }
    let magic = try pickle(at: 0)
    guard case .large(Checkpoint.magic) = magic[magic.root] else {
      throw NetworkError.file(
        name,
        "is a Python pickle, not a PyTorch checkpoint (the magic number is missing); save the tensors by torch.save,"
          + " or as arrays by numpy.savez")
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
    let places = try Checkpoint.places(
      of: keys.elements(of: keys.root)?.compactMap { keys.text(of: $0) } ?? [],
      sizes: torch.storageSizes(), in: bytes, from: keys.end, name: name)
    try self.init(torch) {
      TorchStorages(file: name) { key in
        guard let place = places[key] else {
          throw NetworkError.file(name, "the storage \(key) is missing")
        }
        return bytes[place]
      }
    }
  }

  /// Where each storage lies behind the pickles: a count of numbers, then the numbers.
  private static func places(
    of keys: [String], sizes: [String: Int], in bytes: [UInt8], from start: Int, name: String
  ) throws(NetworkError) -> [String: Range<Int>] {
    var places: [String: Range<Int>] = [:]
    var position = start
    for key in keys {
      guard let size = sizes[key] else {
        throw .file(name, "the storage \(key) is of an unknown type")
      }
      guard bytes.count - position >= 8 else {
        throw .file(name, "the file ends before the storage \(key)")
      }
      let count = bytes[position..<position + 8].reversed().reduce(0 as UInt64) {
        $0 << 8 | UInt64($1)
      }
      position += 8
      guard count <= UInt64((bytes.count - position) / size) else {
        throw .file(
          name,
          "the storage \(key) announces \(count) numbers, but \(bytes.count - position) bytes are left"
        )
      }
      places[key] = position..<position + Int(count) * size
      position += Int(count) * size
    }
    return places
  }

  private init(
    _ torch: TorchPickle, storages: @escaping @Sendable () -> TorchStorages
  ) throws {
    let file = torch.file
    let sets = try torch.dictionaries().map { dictionary in
      let entries = torch.entries(of: dictionary.entries)
      return TensorSet(path: dictionary.path, entries: entries) { positions in
        var storages = storages()
        return try positions.map { position in
          let entry = entries[position]
          guard let view = entry.view else { throw entry.refusal(in: file) }
          return try storages.tensor(view, named: entry.name)
        }
      }
    }
    self.init(name: file, sets: sets)
  }
}

/// Why a pickle that asks for more than tensors is not read, and what helps.
struct TorchRefusal {
  /// What it asks to import.
  let global: PickleGlobal
  let file: String
  /// All of the pickle, with calls that were noted and not made; `nil` if it cannot be read even so.
  let pickle: Pickle?
  /// Whether PyTorch wrote it.
  let isPyTorch: Bool

  /// Modules by whose functions a pickle can do anything to the machine.
  private static let dangerous: Set<String> = [
    "os", "posix", "nt", "subprocess", "sys", "socket", "shutil", "runpy", "importlib", "pty",
    "ctypes", "webbrowser", "builtins", "__builtin__", "code", "commands", "pickle", "marshal",
  ]

  /// One line.
  var error: NetworkError { .file(file, words) }

  private var words: String {
    let module = global.module.split(separator: ".").first.map(String.init) ?? ""
    let asks = "asks to import \(global.description.prefix(120))"
    if TorchRefusal.dangerous.contains(module) {
      return
        "\(asks), which lets a pickle run any code; it was not read, and Python should not load it either"
    }
    if let known = TorchRefusal.libraries.first(where: { $0.modules.contains(module) }) {
      return "\(asks), so it is \(known.words); \(known.remedy)"
    }
    if global.module.hasPrefix("torch.ao.") || global.module.hasPrefix("torch.quantization")
      || ["torchao", "bitsandbytes", "quanto", "optimum"].contains(module)
    {
      return
        "\(asks), so it is a quantised network; \(TensorObstacle.quantised.remedy), and its state"
        + " dict instead of the model"
    }
    if global.module.hasPrefix("torch.distributed") {
      return
        "\(asks), so it holds \(TensorObstacle.distributed.words); \(TensorObstacle.distributed.remedy)"
    }
    guard isPyTorch else {
      return
        "\(asks), so it is a Python pickle, not a PyTorch checkpoint, and was not read; save the tensors by"
        + " torch.save, or as arrays by numpy.savez"
    }
    return
      "\(asks), which a file of tensors does not need, so it was not read; save model.state_dict() instead of the"
      + " model" + (remedy.map { ": where the file can be trusted, \($0)" } ?? "")
  }

  private struct Library {
    let modules: Set<String>
    let words: String
    let remedy: String
  }

  /// Libraries whose models are pickles.
  private static let libraries = [
    Library(
      modules: ["sklearn"], words: "a model of scikit-learn",
      remedy:
        "write scalers, linear models and perceptrons as ONNX, by \(ONNXOperator.scikitLearn()); use others through"
        + " program:COMMAND"),
    Library(
      modules: ["xgboost", "lightgbm", "catboost"], words: "a model of trees",
      remedy: "which has no gradients: use it through program:COMMAND"),
    Library(
      modules: ["joblib"], words: "a file of joblib's",
      remedy: "write the model in it as ONNX; scikit-learn's by skl2onnx.to_onnx"),
    Library(
      modules: ["keras", "tensorflow", "tf_keras"], words: "a model of Keras",
      remedy: "write it as ONNX, by model.export('net.onnx', format='onnx') or tf2onnx"),
    Library(
      modules: ["jax", "jaxlib", "flax", "haiku"], words: "a file of JAX",
      remedy: "write the parameters as arrays, by numpy.savez"),
    Library(
      modules: ["pandas"], words: "a table of pandas",
      remedy: "data follow the network on the command line"),
    Library(
      modules: ["fastai", "fasttransform"], words: "a learner of fastai",
      remedy:
        "save the state dict of its model, by torch.save(learner.model.state_dict(), 'weights.pt')"
    ),
  ]

  /// The line of Python that saves the tensors alone, as far as the pickle shows where they are.
  private var remedy: String? {
    guard let pickle else { return nil }
    let torch = TorchPickle(pickle: pickle, file: file)
    let quoted = "'\(file.replacing("\\", with: "\\\\").replacing("'", with: "\\'"))'"
    let load = "torch.load(\(quoted), weights_only=False)"
    func saving(_ what: String) -> String { "torch.save(\(what), 'weights.pt')" }
    if isModule(pickle.root, pickle) { return saving("\(load).state_dict()") }
    if let sets = try? torch.dictionaries(),
      let path = WeightsRank.best(of: sets.map(\.path), counts: sets.map(\.entries.count))
    {
      if path.isEmpty {
        return saving("{k: v for k, v in \(load).items() if torch.is_tensor(v)}")
      }
      if WeightsRank(path) < .unlikely {
        return saving(
          load + path.map { key in Int(key).map { "[\($0)]" } ?? "['\(key)']" }.joined())
      }
    }
    // Thousands of objects may share one long state.
    for entry in (pickle.entries(of: pickle.root) ?? []).prefix(64)
    where isModule(entry.value, pickle) {
      if let key = pickle.text(of: entry.key) { return saving("\(load)['\(key)'].state_dict()") }
    }
    return nil
  }

  /// Whether a value is a network with its parameters.
  private func isModule(_ value: PickleValue, _ pickle: Pickle) -> Bool {
    guard let state = pickle.call(of: value)?.state else { return false }
    return pickle.entry("_modules", of: state) != nil
      || pickle.entry("_parameters", of: state) != nil
  }
}
