import Archives
import Tensors

/// The header of an IDX file: the extents, and where the values begin.
struct IDXHeader {
  let shape: Shape
  let start: Int

  /// Reads the header, and makes sure that as many values follow as it says.
  init(_ source: some ByteSource) throws(DatasetError) {
    let name = source.name
    let bytes = try DatasetError.converting { () throws(ArchiveError) in
      try source.bytes(at: 0..<4 + 4 * 255)
    }
    guard bytes.count >= 4 else {
      throw DatasetError(
        .format, in: name, at: bytes.count, "ends within the magic number, expected an IDX file")
    }
    guard bytes[0] == 0 && bytes[1] == 0 else {
      try DatasetError.refuseStandIn(bytes, in: name, expected: "an IDX file")
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
    let held = source.count - start
    let written = extents.map(String.init).joined(separator: "x")
    guard let expected = extents.product, expected <= held else {
      throw DatasetError(
        .format, in: name, at: 4,
        "the extents \(written) need more bytes than the \(held) that follow them")
    }
    guard expected == held else {
      throw DatasetError(
        .format, in: name, at: start + expected,
        "\(held - expected) bytes follow the values, expected the end after \(written) values")
    }
    self.shape = Shape(extents)
    self.start = start
  }
}

/// A byte as two hexadecimal digits.
private func hex(_ byte: UInt8) -> String {
  let digits = String(byte, radix: 16, uppercase: true)
  return digits.count == 1 ? "0" + digits : digits
}
