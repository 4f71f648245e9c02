import Archives
import Pickles

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
          "entry \(labels.count) of '\(key)' is no class from 0 to"
            + " \(database.classNames.count - 1)")
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
