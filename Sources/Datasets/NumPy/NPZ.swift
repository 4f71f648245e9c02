import Archives
public import Tensors

/// NumPy arrays by name in one file: a ZIP archive of `.npy` files.
///
///     let file = try NPZ(path: "data.npz")
///     let x = try file.array("x")
public struct NPZ: Sendable {
  private let archive: ZipArchive

  /// Opens a file; stored arrays, as NumPy's `savez` writes them, are read when they are asked for.
  ///
  /// - Throws: `DatasetError` unless the file is a ZIP archive.
  public init(path: String) throws(DatasetError) {
    let start = try DatasetError.converting { () throws(ArchiveError) in
      try FileContents.prefix(ofFile: path, count: 64)
    }
    if let other = NPZ.otherKind(start) {
      throw DatasetError(.format, in: path, "\(other), expected a ZIP archive of NumPy's arrays")
    }
    archive = try DatasetError.converting { () throws(ArchiveError) in try ZipArchive(path: path) }
    try checkNames()
  }

  /// Refuses two arrays of one name, of which programs take either.
  private func checkNames() throws(DatasetError) {
    var seen: Set<String> = []
    if let name = names.first(where: { !seen.insert($0).inserted }) {
      throw DatasetError(.content, in: archive.name, "holds two arrays '\(name)', expected one")
    }
  }

  /// What a file is that is no archive, with the way to one; `nil` if that is not known.
  private static func otherKind(_ start: [UInt8]) -> String? {
    let arrays = "write its arrays by numpy.savez('data.npz', x=x, y=y)"
    let kinds: [(start: [UInt8], words: String)] = [
      ([0x93] + Array("NUMPY".utf8), "is a single NumPy array: name it by npy:X,Y"),
      ([0x89] + Array("HDF".utf8), "is HDF5: \(arrays)"),
      (Array("MATLAB".utf8), "is a file of MATLAB's: \(arrays), after scipy.io.loadmat"),
      (Array("PAR1".utf8), "is Parquet: save its table as CSV, for csv:FILE"),
      (Array("SQLite".utf8), "is a database of SQLite: \(arrays)"),
      ([0x80, 2], "is a pickle: \(arrays)"), ([0x80, 3], "is a pickle: \(arrays)"),
      ([0x80, 4], "is a pickle: \(arrays)"), ([0x80, 5], "is a pickle: \(arrays)"),
      ([UInt8(ascii: "{")], "is JSON: \(arrays)"), ([UInt8(ascii: "[")], "is JSON: \(arrays)"),
      ([0x89] + Array("PNG".utf8), "is a picture: folders of pictures are images:DIR"),
      ([0xFF, 0xD8, 0xFF], "is a picture: folders of pictures are images:DIR"),
    ]
    return kinds.first { start.starts(with: $0.start) }?.words
  }

  /// Opens a file that lies in memory.
  ///
  /// - Throws: `DatasetError` unless the bytes are a ZIP archive.
  public init(bytes: [UInt8], name: String) throws(DatasetError) {
    archive = try DatasetError.converting { () throws(ArchiveError) in
      try ZipArchive(bytes: bytes, name: name)
    }
  }

  /// The names of the arrays, in the order of the file.
  public var names: [String] {
    archive.entries.map { $0.name.hasSuffix(".npy") ? String($0.name.dropLast(4)) : $0.name }
  }

  /// What helps where the arrays have other names, or there are none.
  private var remedy: String {
    guard archive.entries.contains(where: { $0.name.hasSuffix(".npy") }) else {
      return names.contains { $0.hasSuffix("data.pkl") }
        ? "; it is a checkpoint of PyTorch, expected data" : ", expected NumPy's arrays x and y"
    }
    for (x, y) in [
      ("x_test", "y_test"), ("X", "Y"), ("X", "y"), ("images", "labels"), ("data", "labels"),
      ("test_images", "test_labels"), ("arr_0", "arr_1"),
    ] where names.contains(x) && names.contains(y) {
      return
        "; a = numpy.load('\(archive.name)'); numpy.savez('data.npz', x=a['\(x)'], y=a['\(y)']) names them so"
    }
    return ""
  }

  /// An array.
  ///
  /// - Throws: `DatasetError` of kind `.content`, which lists what is there, if there is none of this name,
  ///   and of other kinds if it is damaged.
  public func array(_ name: String) throws(DatasetError) -> NPYArray {
    guard let place = names.firstIndex(of: name) else {
      let others = names.prefix(10).joined(separator: ", ")
      throw DatasetError(
        .content, in: archive.name,
        "holds no array '\(name)'; there \(names.isEmpty ? "is none" : "are \(others)")" + remedy)
    }
    let entry = archive.entries[place]
    return try NPYArray(
      DatasetError.converting { () throws(ArchiveError) in
        try archive.source(
          of: entry, limit: Gzip.limit(forCompressedCount: entry.compressedCount))
      })
  }
}

/// An array to be written: as `.npy`, or as a part of an `.npz` file.
public struct NPYContents: Sendable {
  /// The bytes of the `.npy` file.
  public let bytes: [UInt8]

  /// An array of 32-bit floating-point numbers.
  public init(_ tensor: Tensor<Float>) {
    var bytes = NPYHeader.encoded(type: .float32, extents: tensor.shape.extents)
    bytes.reserveCapacity(bytes.count + 4 * tensor.count)
    for value in tensor.scalars { bytes.append(littleEndian: value.bitPattern) }
    self.bytes = bytes
  }

  /// An array of rank 1 of 64-bit integers.
  public init(_ integers: [Int]) { self.init(integers: integers, shape: [integers.count]) }

  /// An array of 64-bit integers.
  ///
  /// - Precondition: There are as many as the shape says.
  public init(integers: [Int], shape: Shape) {
    precondition(integers.count == shape.count, "\(integers.count) integers for \(shape)")
    var bytes = NPYHeader.encoded(type: .int64, extents: shape.extents)
    bytes.reserveCapacity(bytes.count + 8 * integers.count)
    for value in integers { bytes.append(littleEndian: UInt64(bitPattern: Int64(value))) }
    self.bytes = bytes
  }

  /// An array of bytes.
  ///
  /// - Precondition: There are as many as the shape says.
  public init(_ values: [UInt8], shape: Shape) {
    precondition(values.count == shape.count, "\(values.count) bytes for \(shape)")
    bytes = NPYHeader.encoded(type: .uint8, extents: shape.extents) + values
  }

  /// The bytes of an `.npz` file, which stores its arrays as they are.
  ///
  /// - Parameter arrays: Names, which must differ, and arrays; one at least.
  /// - Returns: The file.
  /// - Throws: `DatasetError` of kind `.format` if two names are equal or there is none.
  public static func npz(
    _ arrays: KeyValuePairs<String, NPYContents>
  ) throws(DatasetError) -> [UInt8] { try npz(arrays.map { ($0.key, $0.value) }) }

  /// The bytes of an `.npz` file of arrays in the order of their names.
  ///
  /// - Parameter arrays: Arrays by name; one at least.
  /// - Returns: The file.
  /// - Throws: `DatasetError` of kind `.format` if there is none.
  public static func npz(sorted arrays: [String: NPYContents]) throws(DatasetError) -> [UInt8] {
    try npz(arrays.sorted { $0.key < $1.key }.map { ($0.key, $0.value) })
  }

  private static func npz(
    _ arrays: [(key: String, value: NPYContents)]
  ) throws(DatasetError) -> [UInt8] {
    try DatasetError.converting { () throws(ArchiveError) in
      try ZipEncoder.encoded(arrays.map { ("\($0.key).npy", $0.value.bytes) })
    }
  }
}

extension [UInt8] {
  fileprivate mutating func append<Word: FixedWidthInteger>(littleEndian word: Word) {
    Swift.withUnsafeBytes(of: word.littleEndian) { append(contentsOf: $0) }
  }
}
