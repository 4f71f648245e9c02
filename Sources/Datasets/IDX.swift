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
    guard bytes.count >= 4 else {
      throw DatasetError(
        .format, in: name, at: bytes.count, "ends within the magic number, expected an IDX file")
    }
    guard bytes[0] == 0 && bytes[1] == 0 else {
      throw DatasetError(
        .format, in: name, at: 0,
        "found \(hex(bytes[0])) \(hex(bytes[1])), expected 00 00, the start of an IDX file")
    }
    guard bytes[2] == 8 else {
      throw DatasetError(
        .format, in: name, at: 2, "found type \(hex(bytes[2])), expected 08, unsigned bytes")
    }
    let rank = Int(bytes[3])
    guard rank > 0 else {
      throw DatasetError(.format, in: name, at: 3, "found rank 0, expected at least 1")
    }
    let start = 4 + 4 * rank
    guard bytes.count >= start else {
      throw DatasetError(
        .format, in: name, at: bytes.count,
        "ends within the extents, expected \(rank) of 4 bytes each")
    }
    let extents = stride(from: 4, to: start, by: 4).map { place in
      bytes[place..<place + 4].reduce(0) { $0 << 8 | Int($1) }
    }
    let held = bytes.count - start
    let written = extents.map(String.init).joined(separator: "x")
    guard let expected = IDX.product(extents), expected <= held else {
      throw DatasetError(
        .format, in: name, at: 4,
        "the extents \(written) need more bytes than the \(held) that follow them")
    }
    guard expected == held else {
      throw DatasetError(
        .format, in: name, at: start + expected,
        "\(held - expected) bytes follow the values, expected the end after \(written) values")
    }
    self.name = name
    self.shape = Shape(extents)
    self.values = bytes[start...]
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

  /// The product, or `nil` if it is too large for an `Int`, whatever the order of the factors.
  private static func product(_ extents: [Int]) -> Int? {
    if extents.contains(0) { return 0 }
    var product = 1
    for extent in extents {
      let (next, overflow) = product.multipliedReportingOverflow(by: extent)
      if overflow { return nil }
      product = next
    }
    return product
  }
}

/// A byte as two hexadecimal digits.
private func hex(_ byte: UInt8) -> String {
  let digits = String(byte, radix: 16, uppercase: true)
  return digits.count == 1 ? "0" + digits : digits
}
