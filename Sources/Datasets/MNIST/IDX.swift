import Archives
public import Tensors

/// An array of unsigned bytes in the IDX format, the format of the MNIST files.
///
/// Two zero bytes, the type (8), the rank, the extents as big-endian 32-bit numbers, and the values in
/// row-major order; nothing else.
public struct IDX: Hashable, Sendable {
  /// What errors call the array, such as the path of its file.
  public let name: String

  /// The extents; their product is `values.count`.
  public let shape: Shape

  /// The values in row-major order; the indices begin where the values begin in the file.
  public let values: ArraySlice<UInt8>

  /// Reads an array from the bytes of its file.
  ///
  /// No memory is allocated on the word of the header.
  ///
  /// - Throws: `DatasetError` of kind `.format` unless the bytes are one whole array and no more.
  public init(_ bytes: [UInt8], named name: String) throws(DatasetError) {
    let header = try IDXHeader(FileContents(name: name, bytes: bytes))
    self.name = name
    self.shape = header.shape
    self.values = bytes[header.start...]
  }

  /// Reads an array from a file, gzipped or not.
  ///
  /// - Throws: `DatasetError` of kind `.unreadable`, `.compression`, `.tooLarge` or `.format`.
  public init(contentsOf path: String) throws(DatasetError) {
    let file = try DatasetError.converting { () throws(ArchiveError) in
      try FileContents(inflating: path)
    }
    try self.init(file.bytes, named: file.name)
  }
}
