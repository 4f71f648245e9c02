/// The text of a table as UTF-8, without what precedes its rows: marks of encodings, comments, a line that names the
/// separator.
struct TableText {
  /// The rows and what may be around them.
  let bytes: [UInt8]
  /// Where the rows begin.
  private(set) var start = 0
  /// The line that they begin on, from 1.
  private(set) var line = 1
  /// The separator, where a first line `sep=;` names it, as spreadsheets write it.
  private(set) var separator: UInt8?
  /// The last comment before the rows, without its mark: names of columns stand there at times.
  private(set) var comment: ArraySlice<UInt8>?

  /// Reads the text of a file.
  ///
  /// - Throws: `DatasetError` that says what the file is instead.
  init(_ file: [UInt8], source: String) throws(DatasetError) {
    try DatasetError.refuseStandIn(file, in: source, expected: "a table")
    var bytes = try TableText.decoded(file, source)
    // The end of a file, as some old programs mark it.
    if bytes.last == 0x1A { bytes.removeLast() }
    self.bytes = bytes
    if let kind = TableText.otherKind(bytes) {
      throw DatasetError(.format, in: source, kind)
    }
    try TableText.checkEncoding(bytes, source)
    if let place = bytes.firstIndex(of: 0) {
      let line = bytes[..<place].count { $0 == 0x0A } + 1
      throw DatasetError(
        .format, in: source, at: place,
        "is not text: line \(line) holds a byte 0, expected a table of numbers in UTF-8")
    }
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { start = 3 }
    skipHead()
  }

  private mutating func skipHead() {
    while start < bytes.count {
      let end = bytes[start...].firstIndex { $0 == 0x0A || $0 == 0x0D } ?? bytes.count
      let content = bytes[start..<end].trimmed
      if content.first == UInt8(ascii: "#") {
        comment = content.drop { $0 == UInt8(ascii: "#") }.trimmed
      } else if separator == nil, content.count == 5, content.starts(with: Array("sep=".utf8)) {
        separator = content.last
      } else if content.isEmpty {
        // A row of tabs alone is a row.
        if bytes[start..<end].contains(0x09) { return }
      } else {
        return
      }
      start = end
      if start < bytes.count {
        let isPair = bytes[start] == 0x0D && start + 1 < bytes.count && bytes[start + 1] == 0x0A
        start += isPair ? 2 : 1
        line += 1
      }
    }
  }

  // MARK: - Encodings

  /// Refuses bytes that are no UTF-8, which would make one text of several.
  private static func checkEncoding(_ bytes: [UInt8], _ source: String) throws(DatasetError) {
    guard let first = bytes.firstIndex(where: { $0 >= 0x80 }) else { return }
    guard String(validating: bytes[first...], as: UTF8.self) == nil else { return }
    var start = 0
    var line = 1
    while start < bytes.count {
      let end = bytes[start...].firstIndex(of: 0x0A) ?? bytes.count
      if let text = bytes[start..<end].firstIndex(where: { $0 >= 0x80 }),
        String(validating: bytes[start..<end], as: UTF8.self) == nil
      {
        let byte = String(bytes[text], radix: 16, uppercase: true)
        throw DatasetError(
          .format, in: source,
          "line \(line), byte \(text - start + 1): 0x\(byte) is not UTF-8; expected UTF-8 or UTF-16, such as from"
            + " pandas.read_csv(FILE, encoding='latin-1').to_csv(FILE, index=False)")
      }
      start = end + 1
      line += 1
    }
  }

  /// UTF-16 becomes UTF-8; other bytes stay.
  private static func decoded(
    _ file: [UInt8], _ source: String
  ) throws(DatasetError) -> [UInt8] {
    if file.starts(with: [0xFF, 0xFE, 0, 0]) || file.starts(with: [0, 0, 0xFE, 0xFF]) {
      throw DatasetError(.format, in: source, "is a text in UTF-32, expected UTF-8: save it so")
    }
    let marked =
      file.starts(with: [0xFF, 0xFE]) ? true : file.starts(with: [0xFE, 0xFF]) ? false : nil
    guard let isLittle = marked ?? unmarked(file) else { return file }
    let units = file.dropFirst(marked == nil ? 0 : 2)
    guard units.count.isMultiple(of: 2) else {
      throw DatasetError(
        .format, in: source, at: file.count,
        "is a text in UTF-16 that ends within a character, expected UTF-8")
    }
    var decoder = UTF16()
    var iterator = stride(from: units.startIndex, to: units.endIndex, by: 2).lazy.map { place in
      isLittle
        ? UInt16(units[place]) | UInt16(units[place + 1]) << 8
        : UInt16(units[place]) << 8 | UInt16(units[place + 1])
    }.makeIterator()
    var result: [UInt8] = []
    result.reserveCapacity(units.count / 2)
    while true {
      switch decoder.decode(&iterator) {
      case .scalarValue(let scalar):
        result += UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter
      case .error:
        throw DatasetError(
          .format, in: source,
          "line \(result.count { $0 == 0x0A } + 1): is not UTF-16, though the file begins so, expected UTF-8"
        )
      case .emptyInput: return result
      }
    }
  }

  /// Whether a text without a mark is UTF-16, the lower byte of each unit first; `nil` if it is not.
  ///
  /// Numbers and separators are ASCII, so that every other byte is 0.
  private static func unmarked(_ file: [UInt8]) -> Bool? {
    let head = file.prefix(64)
    guard head.count >= 4, file.count.isMultiple(of: 2) else { return nil }
    let (even, odd) = (
      stride(from: 0, to: head.count, by: 2).count { head[$0] == 0 },
      stride(from: 1, to: head.count, by: 2).count { head[$0] == 0 }
    )
    let most = head.count / 2 * 3 / 4
    if even == 0, odd > most { return true }
    if odd == 0, even > most { return false }
    return nil
  }

  // MARK: - Other files

  /// What a text is that is no table, with the way to one; `nil` if nothing speaks against a table.
  private static func otherKind(_ bytes: [UInt8]) -> String? {
    let head = String(decoding: bytes.prefix(200), as: UTF8.self).lowercased()
      .trimmingPrefix { $0.isWhitespace || $0 == "\u{FEFF}" }
    let kinds: [(start: String, words: String)] = [
      ("pk\u{03}\u{04}", "is a ZIP archive or a workbook: save its table as CSV"),
      ("\u{FFFD}numpy", "is a NumPy array: name it by npy:X,Y"),
      ("\u{FFFD}hdf", "is HDF5: save its table as CSV, such as by pandas' to_csv(index=False)"),
      ("\u{FFFD}png", "is a picture, expected a table"),
      (
        "<table",
        "is a table in HTML: save it as CSV, such as by pandas' read_html and to_csv(index=False)"
      ),
      (
        "\u{FFFD}\u{04}\u{FFFD}",
        "is a pickle: save its table as CSV, such as by pandas' to_csv(index=False)"
      ),
      (
        "\u{FFFD}\u{05}\u{FFFD}",
        "is a pickle: save its table as CSV, such as by pandas' to_csv(index=False)"
      ),
      ("<stata_dta", "is of Stata: save its table as CSV, such as by pandas' to_csv(index=False)"),
      ("<", "is a text in XML or HTML, perhaps of an error: download the table itself"),
      ("%pdf", "is a PDF: save its table as CSV"),
      ("{\\rtf", "is a text in RTF: save its table as CSV"),
      ("sqlite format 3", "is a database of SQLite: save its table as CSV"),
      ("arrow1", "is Arrow: save it as CSV, such as by pandas' to_csv(index=False)"),
      ("bzh", "is compressed by bzip2: unpack it, or compress it by gzip"),
      ("\u{FFFD}7zxz", "is compressed by xz: unpack it, or compress it by gzip"),
      ("7z\u{FFFD}\u{FFFD}'\u{1C}", "is a 7z archive: unpack it"),
      ("\u{FFFD}\u{FFFD}\u{11}\u{FFFD}", "is a workbook of Excel: save its table as CSV"),
      ("@relation", "is a table in ARFF: save it as CSV"),
      ("% ", "is a table in ARFF, or begins with a comment other than #: save it as CSV"),
      ("par1", "is Parquet: save it as CSV, such as by pandas' to_csv(index=False)"),
      ("{", "is JSON: save its table as CSV, such as by pandas' to_csv(index=False)"),
      ("[", "is JSON: save its table as CSV, such as by pandas' to_csv(index=False)"),
    ]
    return kinds.first { head.starts(with: $0.start) }?.words
  }
}

extension ArraySlice<UInt8> {
  /// Without spaces and tabs at both ends.
  fileprivate var trimmed: ArraySlice<UInt8> {
    var part = self
    while let first = part.first, first == 0x20 || first == 0x09 { part.removeFirst() }
    while let last = part.last, last == 0x20 || last == 0x09 { part.removeLast() }
    return part
  }
}

extension StrideTo<Int> {
  fileprivate func count(where isCounted: (Int) -> Bool) -> Int {
    reduce(0) { $0 + (isCounted($1) ? 1 : 0) }
  }
}
