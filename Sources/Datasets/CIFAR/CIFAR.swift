import Archives
import Files
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
}
