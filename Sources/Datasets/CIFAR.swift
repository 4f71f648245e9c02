import Archives
import Files
import Pickles
import Tensors

/// The CIFAR-10 and CIFAR-100 databases of small photographs: 50,000 to train on and 10,000 to test with, 3x32x32.
///
/// Krizhevsky, "Learning multiple layers of features from tiny images", 2009,
/// https://www.cs.toronto.edu/~kriz/cifar.html. Read from a folder, in the binary form or as Python's batches.
public enum CIFAR: String, Hashable, Sendable {
  /// Ten kinds of animals and vehicles.
  case ten = "cifar10"
  /// A hundred kinds of things.
  case hundred = "cifar100"

  /// The files of a part, without endings.
  ///
  /// - Parameter part: `test`, `train`, or the name of a single file such as `data_batch_1`.
  /// - Returns: The names in their order, or `nil` if there is no such part.
  public func files(of part: String) -> [String]? {
    switch (self, part) {
    case (.ten, "test"), (.ten, "test_batch"): ["test_batch"]
    case (.ten, "train"): (1...5).map { "data_batch_\($0)" }
    case (.ten, _): (1...5).contains { part == "data_batch_\($0)" } ? [part] : nil
    case (.hundred, "test"), (.hundred, "train"): [part]
    case (.hundred, _): nil
    }
  }

  /// Reads a part from a folder, or the folder in it that the original archive makes.
  ///
  /// Each file is looked for as `NAME.bin`, then as `NAME`, Python's form, each also with `.gz`. Binary files
  /// are read when examples are asked for.
  ///
  /// - Parameters:
  ///   - part: `test`, `train`, or the name of a single file of CIFAR-10 such as `data_batch_1`.
  ///   - directory: The folder.
  ///   - options: What else is known.
  /// - Returns: The examples, whose classes have the names that the database gives them.
  /// - Throws: `DatasetError` that names the file, the place and what was expected there.
  public func load(
    _ part: String, directory: String, options: DataOptions = DataOptions()
  ) throws(DatasetError) -> Dataset {
    let name = "\(rawValue):\(part)@\(directory)"
    guard let files = files(of: part) else {
      throw DatasetError(.reference, in: "'\(name)'", "there is no part '\(part)'")
    }
    return try load(
      files.map { file throws(DatasetError) in try find(file, in: directory) }, name: name, options)
  }

  /// Reads a single file of either form, gzipped or not.
  ///
  /// - Throws: `DatasetError` that names the file, the place and what was expected there.
  public func load(
    file path: String, options: DataOptions = DataOptions()
  ) throws(DatasetError) -> Dataset { try load([path], name: path, options) }

  private func load(
    _ paths: [String], name: String, _ options: DataOptions
  ) throws(DatasetError) -> Dataset {
    var labels: [Int] = []
    var parts: [any ExampleSource] = []
    for path in paths {
      let batch = try CIFARBatch(path: path, of: self, levels: options.levels)
      labels += batch.labels
      parts.append(batch.examples)
    }
    return Dataset(
      name: name, exampleShape: [3, 32, 32], storage: .source(JoinedExamples(parts)),
      labels: labels, classNames: classNames, bounds: options.levels.bounds)
  }

  private func find(_ file: String, in directory: String) throws(DatasetError) -> String {
    let folders =
      self == .ten
      ? ["", "cifar-10-batches-bin/", "cifar-10-batches-py/"]
      : ["", "cifar-100-binary/", "cifar-100-python/"]
    for folder in folders {
      for ending in [".bin", ".bin.gz", "", ".gz"] {
        let path = "\(directory)/\(folder)\(file)\(ending)"
        if WholeFile.exists(path), !Folder.exists(path) { return path }
      }
    }
    let archive = folders[1].dropLast()
    let expectation =
      "expected the folder that holds \(file).bin or \(file), or \(archive), of the original archive"
    guard Folder.exists(directory) else {
      throw DatasetError(
        .unreadable, in: directory,
        WholeFile.exists(directory)
          ? "is no folder, \(expectation)" : "there is no such folder, \(expectation)")
    }
    throw DatasetError(
      .unreadable, in: directory, "holds neither \(file).bin nor \(file); \(expectation)")
  }

  /// Bytes before the pixels in a record of the binary form; the last of them is the class.
  var labelBytes: Int { self == .ten ? 1 : 2 }

  /// The names of the classes by label.
  public var classNames: [String] {
    switch self {
    case .ten:
      [
        "airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck",
      ]
    case .hundred: CIFAR.fineNames
    }
  }

  private static let fineNames = """
    apple aquarium_fish baby bear beaver bed bee beetle bicycle bottle bowl boy bridge bus butterfly camel can \
    castle caterpillar cattle chair chimpanzee clock cloud cockroach couch crab crocodile cup dinosaur dolphin \
    elephant flatfish forest fox girl hamster house kangaroo keyboard lamp lawn_mower leopard lion lizard \
    lobster man maple_tree motorcycle mountain mouse mushroom oak_tree orange orchid otter palm_tree pear \
    pickup_truck pine_tree plain plate poppy porcupine possum rabbit raccoon ray road rocket rose sea seal \
    shark shrew skunk skyscraper snail snake spider squirrel streetcar sunflower sweet_pepper table tank \
    telephone television tiger tractor train trout tulip turtle wardrobe whale willow_tree wolf woman worm
    """.split(separator: " ").map(String.init)
}

/// One file of CIFAR: labels, and examples that are read when they are asked for where the form allows it.
struct CIFARBatch {
  let labels: [Int]
  let examples: any ExampleSource

  /// Bytes of pixels in a record.
  static let pixels = 3 * 32 * 32

  /// Reads a file of either form, gzipped or not.
  init(path: String, of database: CIFAR, levels: ByteLevels) throws(DatasetError) {
    let source = try DatasetError.converting { () throws(ArchiveError) in
      try ByteSources.open(path)
    }
    let head = try DatasetError.converting { () throws(ArchiveError) in
      try source.bytes(at: 0..<2000)
    }
    try DatasetError.refuseStandIn(head, in: source.name, expected: "a file of CIFAR")
    let record = database.labelBytes + CIFARBatch.pixels
    // How pickles of protocol 2 and later begin; no class has so large a number.
    if head.first == 0x80 {
      self = try CIFARBatch(pickle: source, of: database, levels: levels)
      return
    }
    guard source.count > 0, source.count % record == 0 else {
      throw DatasetError(
        .format, in: source.name,
        "has \(source.count) bytes, expected a multiple of \(record), the size of a record, or a"
          + " Python pickle")
    }
    try self.init(records: source, of: database, levels: levels)
  }

  private init(
    records source: any ByteSource, of database: CIFAR, levels: ByteLevels
  ) throws(DatasetError) {
    let record = database.labelBytes + CIFARBatch.pixels
    var labels: [Int] = []
    let count = source.count / record
    labels.reserveCapacity(count)
    // In pieces, so that a large file needs little memory.
    for first in stride(from: 0, to: count, by: 1000) {
      let last = min(first + 1000, count)
      let bytes = try DatasetError.converting { () throws(ArchiveError) in
        try source.bytes(at: first * record..<last * record)
      }
      for index in 0..<last - first {
        let place = index * record + database.labelBytes - 1
        guard bytes[place] < database.classNames.count else {
          throw DatasetError(
            .content, in: source.name, at: first * record + place,
            "found the class \(bytes[place]), expected 0 to \(database.classNames.count - 1)")
        }
        labels.append(Int(bytes[place]))
      }
    }
    self.labels = labels
    examples = RecordExamples(
      source: source, start: database.labelBytes, distance: record, exampleCount: count,
      exampleSize: CIFARBatch.pixels, levels: levels)
  }

  /// Joins labels and examples that were read elsewhere.
  init(labels: [Int], examples: any ExampleSource) {
    self.labels = labels
    self.examples = examples
  }
}

extension CIFARBatch {
  /// The most bytes of a batch in Python's form: all of CIFAR-100 in one is 156 MB.
  private static let pickleLimit = 1 << 29

  /// Reads a file of Python's form: a pickled dictionary with an array `data`, N x 3072 bytes, and a list
  /// `labels` or `fine_labels`.
  init(
    pickle source: any ByteSource, of database: CIFAR, levels: ByteLevels
  ) throws(DatasetError) {
    guard source.count <= CIFARBatch.pickleLimit else {
      throw DatasetError(
        .tooLarge, in: source.name,
        "has \(source.count) bytes, expected a batch of at most \(CIFARBatch.pickleLimit)")
    }
    let bytes = try DatasetError.converting { () throws(ArchiveError) in
      try source.bytes(at: 0..<source.count)
    }
    let pickle: Pickle
    do throws(PickleError) {
      pickle = try Pickle(
        bytes[...], name: source.name,
        allowing: PickleGlobal.containers.union(PickleGlobal.arrays))
    } catch {
      throw DatasetError(.format, in: source.name, at: error.offset, error.message)
    }
    let key = database == .ten ? "labels" : "fine_labels"
    guard let data = pickle.entry("data", of: pickle.root),
      let list = pickle.entry(key, of: pickle.root), let values = pickle.elements(of: list)
    else {
      throw DatasetError(
        .format, in: source.name,
        "expected a pickled dictionary with an array 'data' and a list '\(key)'")
    }
    var labels: [Int] = []
    for value in values {
      guard let label = value.natural, label < database.classNames.count else {
        throw DatasetError(
          .content, in: source.name,
          "entry \(labels.count) of '\(key)' is not a class from 0 to \(database.classNames.count - 1)"
        )
      }
      labels.append(label)
    }
    guard let pixels = pickle.array(of: data), pixels.count == labels.count * CIFARBatch.pixels,
      !labels.isEmpty
    else {
      throw DatasetError(
        .content, in: source.name,
        "expected 'data' to be an array of bytes in C's order, \(labels.count) x"
          + " \(CIFARBatch.pixels), for as many '\(key)'")
    }
    self.init(
      labels: labels,
      examples: RecordExamples(
        source: FileContents(name: source.name, bytes: Array(pixels)), start: 0,
        distance: CIFARBatch.pixels, exampleCount: labels.count,
        exampleSize: CIFARBatch.pixels, levels: levels))
  }
}

extension Pickle {
  /// The bytes of a NumPy array of unsigned bytes in C's order; `nil` for anything else.
  fileprivate func array(of value: PickleValue) -> ArraySlice<UInt8>? {
    guard let call = call(of: value) else { return nil }
    switch call.function.name {
    case "_reconstruct":
      // (version, shape, dtype, is in Fortran's order, bytes)
      guard let state = call.state.flatMap({ elements(of: $0) }), state.count == 5,
        isByteType(state[2]), state[3] == .bool(false) || state[3] == .integer(0)
      else { return nil }
      return bytes(of: state[4])
    case "_frombuffer":
      // (bytes, dtype, shape, order)
      guard call.arguments.count == 4, isByteType(call.arguments[1]),
        text(of: call.arguments[3]) == "C"
      else { return nil }
      return bytes(of: call.arguments[0])
    default: return nil
    }
  }

  private func isByteType(_ value: PickleValue) -> Bool {
    guard let call = call(of: value), call.function == PickleGlobal("numpy", "dtype") else {
      return false
    }
    return call.arguments.first.flatMap { text(of: $0) } == "u1"
  }
}
