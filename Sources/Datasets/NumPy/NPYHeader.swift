import Archives

/// The header of a `.npy` file: type, order and extents, and where the values begin.
///
/// https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html describes versions 1 to 3.
struct NPYHeader: Hashable, Sendable {
  var type: NPYType
  var isFortranOrder: Bool
  var extents: [Int]
  /// The offset of the first value.
  var start: Int

  private static let magic: [UInt8] = [0x93, 0x4E, 0x55, 0x4D, 0x50, 0x59]
  /// NumPy itself reads no header above 10,000 characters; one of 64 extents needs a tenth of that.
  private static let longest = 1 << 16

  /// Reads the header from the beginning of a file.
  init(_ source: some ByteSource) throws(DatasetError) {
    let start = try DatasetError.converting { () throws(ArchiveError) in
      try source.bytes(at: 0..<12)
    }
    guard start.count >= 10, start.starts(with: NPYHeader.magic) else {
      let more = try DatasetError.converting { () throws(ArchiveError) in
        try source.bytes(at: 0..<2000)
      }
      try DatasetError.refuseStandIn(more, in: source.name, expected: "a NumPy array")
      throw DatasetError(
        .format, in: source.name, at: 0, "expected a NumPy array, which begins with \\x93NUMPY")
    }
    let version = start[6]
    guard 1...3 ~= version else {
      throw DatasetError(
        .format, in: source.name, at: 6, "found version \(version), expected 1, 2 or 3")
    }
    let place = version == 1 ? 10 : 12
    guard start.count >= place else {
      throw DatasetError(.format, in: source.name, at: start.count, "ends within the header")
    }
    let length = start[8..<place].reversed().reduce(0) { $0 << 8 | Int($1) }
    guard length <= NPYHeader.longest, length <= source.count - place else {
      throw DatasetError(
        .format, in: source.name, at: 8,
        "the header has \(length) bytes, expected at most"
          + " \(min(NPYHeader.longest, source.count - place))")
    }
    let text = try DatasetError.converting { () throws(ArchiveError) in
      try source.bytes(at: place..<place + length)
    }
    var parser = NPYHeaderParser(text, offset: place, source: source.name)
    (type, isFortranOrder, extents) = try parser.header()
    self.start = place + length
  }

  /// The bytes of a header of version 1, padded so that the values begin at a multiple of 64.
  static func encoded(type: NPYType, extents: [Int]) -> [UInt8] {
    let list = extents.map(String.init).joined(separator: ", ") + (extents.count == 1 ? "," : "")
    var text = "{'descr': '\(type)', 'fortran_order': False, 'shape': (\(list)), }"
    let used = magic.count + 4 + text.utf8.count + 1
    text += String(repeating: " ", count: (64 - used % 64) % 64) + "\n"
    let length = text.utf8.count
    return magic + [1, 0, UInt8(length & 0xFF), UInt8(length >> 8)] + Array(text.utf8)
  }
}
