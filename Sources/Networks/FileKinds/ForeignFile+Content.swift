extension ForeignFile {
  private struct Magic {
    let offset: Int
    let bytes: [UInt8]
    let kind: ForeignFile

    init(_ text: String, at offset: Int = 0, _ kind: ForeignFile) {
      self.init(Array(text.utf8), at: offset, kind)
    }

    init(_ bytes: [UInt8], at offset: Int = 0, _ kind: ForeignFile) {
      self.offset = offset
      self.bytes = bytes
      self.kind = kind
    }
  }

  private static func archive(_ name: String) -> ForeignFile {
    ForeignFile("\(name), which may hold a network", "unpack it first")
  }

  private static func other(_ words: String) -> ForeignFile {
    ForeignFile(words, ModelFormat.expectation)
  }

  /// Numbers that files have at some place.
  private static let magics = [
    Magic([0x89, 0x48, 0x44, 0x46], hdf5), Magic("TFL3", at: 4, tfLite), Magic("GGUF", gguf),
    Magic("lmgg", gguf), Magic("tjgg", gguf), Magic("ORTM", at: 4, ort), Magic("ptrt", tensorRT),
    Magic("ftrt", tensorRT), Magic("ET1", at: 4, executorch), Magic("CBM1", catBoost),
    Magic([0x12, 1, 0, 0, 0, 0, 0, 0], mxNet),
    Magic([0x37, 0x7A, 0xBC, 0xAF, 0x27, 0x1C], archive("a 7z archive")),
    Magic("Rar!\u{1A}\u{7}", archive("a RAR archive")),
    Magic("ustar", at: 257, archive("a tar archive")),
    Magic([0xFD, 0x37, 0x7A, 0x58, 0x5A, 0], archive("compressed by xz")),
    Magic("BZh", archive("compressed by bzip2")),
    Magic([0x28, 0xB5, 0x2F, 0xFD], archive("compressed by Zstandard")),
    Magic([4, 0x22, 0x4D, 0x18], archive("compressed by LZ4")),
    Magic("RKNN", other("a network for Rockchip's processors")),
    Magic("PAR1", other("a Parquet file, which holds data")),
    Magic("ARROW1", other("an Arrow file, which holds data")),
    Magic("MATLAB", other("a file of MATLAB's")),
    Magic("SQLite format 3", other("an SQLite database")),
    Magic([0x7F, 0x45, 0x4C, 0x46], other("a program")),
    Magic("RIFF", other("a RIFF file, as of sound")),
    Magic([0x49, 0x49, 0x2A, 0], other("a TIFF image")),
    Magic([0x4D, 0x4D, 0, 0x2A], other("a TIFF image")),
    Magic("OggS", other("a file of sound")), Magic("ZF0x", joblib),
  ]

  /// Looks at the beginning of a file that is no text; `nil` if it is of no such kind.
  init?(start: [UInt8], count: Int) {
    let known = ForeignFile.magics.first { magic in
      start.count >= magic.offset + magic.bytes.count
        && start[magic.offset...].starts(with: magic.bytes)
    }
    guard let kind = known?.kind ?? ForeignFile.message(start, count) ?? ForeignFile.zlib(start)
    else {
      return nil
    }
    self = kind
  }

  /// Data compressed by zlib without a name of their own, as joblib writes them: header bytes that divide by 31.
  private static func zlib(_ start: [UInt8]) -> ForeignFile? {
    guard start.count > 2, start[0] == 0x78, (Int(start[0]) << 8 | Int(start[1])) % 31 == 0,
      [1, 0x5E, 0x9C, 0xDA].contains(start[1])
    else { return nil }
    return joblib
  }

  /// Messages of protocol buffers of other programs, by the fields that they begin with.
  private static func message(_ start: [UInt8], _ count: Int) -> ForeignFile? {
    var reader = MessageReader(start)
    guard let first = reader.field() else { return nil }
    if first.number == 1, case .bytes(let name) = first.value {
      // A node: its name and its operation, both texts.
      var node = MessageReader(Array(start[name.clamped(to: 0..<start.count)]))
      guard let label = node.field(), label.number == 1, case .bytes(let text) = label.value,
        let operation = node.field(), operation.number == 2,
        case .bytes(let word) = operation.value,
        word.count < 64, MessageReader.isText(node.bytes, text),
        MessageReader.isText(node.bytes, word)
      else { return nil }
      return graphDef
    }
    guard first.number == 1, case .number(let version) = first.value, 1...20 ~= version,
      let second = reader.field(), second.number == 2, case .bytes(let range) = second.value
    else { return nil }
    // A producer's name is a short text; a MetaGraphDef begins with its own description, a Core ML model with that of its
    // inputs.
    guard range.count > 0, range.lowerBound < start.count, start[range.lowerBound] == 0x0A,
      !MessageReader.isText(start, range)
    else { return nil }
    // A SavedModel has such descriptions alone.
    if let third = reader.field() { return third.number == 2 ? savedModelGraph : coreML }
    return range.upperBound >= count || version == 1 ? savedModelGraph : coreML
  }
}

/// Reads the fields of a message of protocol buffers, as far as its beginning goes.
private struct MessageReader {
  enum Value {
    case number(UInt64)
    /// Places in the message, which may lie behind what is seen.
    case bytes(Range<Int>)
  }

  let bytes: [UInt8]
  private var place = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// The next field; `nil` where there is none, or one of another type.
  mutating func field() -> (number: Int, value: Value)? {
    guard let key = bytes.varint(at: &place), key >> 3 > 0, key >> 3 < 1 << 29 else { return nil }
    let number = Int(key >> 3)
    switch key & 7 {
    case 0: return bytes.varint(at: &place).map { (number, .number($0)) }
    case 2:
      guard let length = bytes.varint(at: &place), length < 1 << 40 else { return nil }
      let start = place
      place += Int(length)
      return (number, .bytes(start..<place))
    default: return nil
    }
  }

  /// Whether some places hold letters, digits and the signs that names have, as far as they are seen.
  static func isText(_ bytes: [UInt8], _ range: Range<Int>) -> Bool {
    let seen = bytes[range.clamped(to: 0..<bytes.count)]
    return !seen.isEmpty && seen.allSatisfy { 0x20..<0x7F ~= $0 }
  }
}

extension [UInt8] {
  /// The varint of protocol buffers at a place, which moves behind it; `nil` where the bytes end before it does.
  func varint(at place: inout Int, before end: Int? = nil) -> UInt64? {
    var value: UInt64 = 0
    for shift in stride(from: UInt64(0), to: 64, by: 7) {
      guard place < end ?? count else { return nil }
      let byte = self[place]
      place += 1
      value |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 { return value }
    }
    return nil
  }
}
