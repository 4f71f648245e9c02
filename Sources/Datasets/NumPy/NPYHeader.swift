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

/// Reads the Python dictionary in a `.npy` header, of which nothing but three known keys is accepted.
struct NPYHeaderParser {
  private let text: [UInt8]
  private let offset: Int
  private let source: String
  private var position = 0

  /// - Parameters:
  ///   - text: The dictionary.
  ///   - offset: Where it begins in the file.
  ///   - source: The name of the file.
  init(_ text: [UInt8], offset: Int, source: String) {
    self.text = text
    self.offset = offset
    self.source = source
  }

  /// The three values.
  mutating func header() throws(DatasetError) -> (NPYType, Bool, [Int]) {
    var type: NPYType?
    var isFortranOrder: Bool?
    var extents: [Int]?
    try expect("{")
    while !skip("}") {
      let place = position
      let key = try string()
      try expect(":")
      switch key {
      case "descr" where type == nil: type = try element()
      case "fortran_order" where isFortranOrder == nil: isFortranOrder = try bool()
      case "shape" where extents == nil: extents = try tuple()
      default:
        throw failure(at: place, "expected the keys descr, fortran_order and shape, once each")
      }
      if !skip(",") {
        try expect("}")
        break
      }
    }
    skipSpace()
    guard position == text.count else { throw failure(at: position, "expected the header's end") }
    guard let type, let isFortranOrder, let extents else {
      throw failure(at: 0, "expected the keys descr, fortran_order and shape, not only some")
    }
    return (type, isFortranOrder, extents)
  }

  private mutating func element() throws(DatasetError) -> NPYType {
    skipSpace()
    let place = position
    guard position < text.count, isQuote(text[position]) else {
      throw failure(at: place, "expected a plain type such as '<f4'; records are not read")
    }
    let name = try string()
    guard let type = NPYType(name) else {
      throw failure(
        at: place,
        "found the type '\(name.prefix(20))', expected bool, integers, or floats of 16 to 64 bits"
          + (name.contains("U") || name.contains("S")
            ? " (texts are numbered by np.unique(y, return_inverse=True)[1])" : ""))
    }
    return type
  }

  private mutating func tuple() throws(DatasetError) -> [Int] {
    var extents: [Int] = []
    try expect("(")
    while !skip(")") {
      extents.append(try natural())
      guard extents.count <= 64 else { throw failure(at: position, "more than 64 extents") }
      if !skip(",") {
        try expect(")")
        break
      }
    }
    return extents
  }

  private mutating func natural() throws(DatasetError) -> Int {
    skipSpace()
    let place = position
    var value = 0
    while position < text.count, 0x30...0x39 ~= text[position] {
      let (tens, overflow) = value.multipliedReportingOverflow(by: 10)
      let (next, carry) = tens.addingReportingOverflow(Int(text[position] - 0x30))
      guard !overflow, !carry else { throw failure(at: place, "an extent beyond 64 bits") }
      value = next
      position += 1
    }
    guard position > place else { throw failure(at: place, "expected an extent") }
    // Python 2 wrote long integers so.
    if position < text.count, text[position] == 0x4C { position += 1 }
    return value
  }

  private mutating func bool() throws(DatasetError) -> Bool {
    skipSpace()
    for (word, value) in [("True", true), ("False", false)]
    where text[position...].starts(with: word.utf8) {
      position += word.utf8.count
      return value
    }
    throw failure(at: position, "expected True or False")
  }

  private mutating func string() throws(DatasetError) -> String {
    skipSpace()
    let place = position
    guard position < text.count, isQuote(text[position]) else {
      throw failure(at: place, "expected a string")
    }
    guard let end = text[(position + 1)...].firstIndex(of: text[position]) else {
      throw failure(at: place, "a string without an end")
    }
    position = end + 1
    return String(decoding: text[(place + 1)..<end], as: UTF8.self)
  }

  private func isQuote(_ byte: UInt8) -> Bool { byte == 0x27 || byte == 0x22 }

  private mutating func expect(_ sign: Unicode.Scalar) throws(DatasetError) {
    guard skip(sign) else { throw failure(at: position, "expected '\(sign)'") }
  }

  private mutating func skip(_ sign: Unicode.Scalar) -> Bool {
    skipSpace()
    guard position < text.count, text[position] == UInt8(ascii: sign) else { return false }
    position += 1
    return true
  }

  private mutating func skipSpace() {
    while position < text.count, [0x20, 0x0A, 0x09, 0x0D].contains(text[position]) {
      position += 1
    }
  }

  private func failure(at place: Int, _ message: String) -> DatasetError {
    DatasetError(.format, in: source, at: offset + place, "\(message) in the NumPy header")
  }
}
