/// What parts the fields of a row.
enum TableSeparator: Hashable, Sendable {
  /// One byte: comma, semicolon, tab or bar.
  case byte(UInt8)
  /// One space or tab or several of them.
  case spaces
}

/// Reads rows of fields that are parted by a separator (RFC 4180): quoted or not, lines ending in LF, CR LF or CR.
struct TableReader {
  private let bytes: [UInt8]
  private let source: String
  private let separator: TableSeparator
  private var position = 0

  /// The number of the line that the next row begins on, from 1.
  private(set) var line = 1

  /// A field of this length is no number and no name.
  private static let longestField = 10_000
  private static let mostFields = 100_000

  /// Reads the rows of a text.
  init(_ text: TableText, source: String, separator: TableSeparator) {
    bytes = text.bytes
    position = text.start
    line = text.line
    self.source = source
    self.separator = separator
  }

  /// Reads the fields of a single line.
  init(line: ArraySlice<UInt8>, source: String, separator: TableSeparator) {
    bytes = Array(line)
    self.source = source
    self.separator = separator
  }

  /// The next row that is not blank, with its line; `nil` at the end.
  mutating func next() throws(DatasetError) -> (line: Int, fields: [String])? {
    skipBlankLines()
    guard position < bytes.count else { return nil }
    let start = line
    var fields: [String] = []
    if separator == .spaces { skipSpaces() }
    while true {
      fields.append(try field(fields.count + 1))
      guard fields.count <= TableReader.mostFields else {
        throw failure("has more than \(TableReader.mostFields) fields")
      }
      if skipSeparator() { continue }
      skipLineEnd()
      return (start, fields)
    }
  }

  /// Passes lines that hold nothing but spaces; those with separators are rows of empty fields.
  private mutating func skipBlankLines() {
    while position < bytes.count {
      var end = position
      while end < bytes.count, bytes[end] == 0x20 || bytes[end] == 0x09 && separator == .spaces {
        end += 1
      }
      guard end == bytes.count || isEnd(end) else { return }
      position = end
      skipLineEnd()
    }
  }

  /// Passes a separator, if another field follows.
  private mutating func skipSeparator() -> Bool {
    guard position < bytes.count else { return false }
    switch separator {
    case .byte(let byte):
      guard bytes[position] == byte else { return false }
      position += 1
      return true
    case .spaces:
      skipSpaces()
      return position < bytes.count && !isEnd(position)
    }
  }

  private mutating func skipSpaces() {
    while position < bytes.count, isSpace(position) { position += 1 }
  }

  private mutating func skipLineEnd() {
    guard position < bytes.count else { return }
    let isPair =
      bytes[position] == 0x0D && position + 1 < bytes.count && bytes[position + 1] == 0x0A
    position += isPair ? 2 : 1
    line += 1
  }

  private mutating func field(_ column: Int) throws(DatasetError) -> String {
    let start = position
    // Spaces that are no separators may stand around quotes.
    while position < bytes.count, isSpace(position), !isSeparator(position) { position += 1 }
    guard position < bytes.count, bytes[position] == UInt8(ascii: "\"") else {
      position = start
      while position < bytes.count, !isSeparator(position), !isEnd(position) { position += 1 }
      return try text(bytes[start..<position], column)
    }
    position += 1
    var content: [UInt8] = []
    while true {
      guard position < bytes.count, content.count <= TableReader.longestField else {
        throw failure("column \(column): a quoted field without an end")
      }
      let byte = bytes[position]
      position += 1
      if byte == UInt8(ascii: "\"") {
        guard position < bytes.count, bytes[position] == UInt8(ascii: "\"") else { break }
        position += 1
      } else if byte == 0x0A {
        line += 1
      }
      content.append(byte)
    }
    while position < bytes.count, isSpace(position), !isSeparator(position) { position += 1 }
    guard position == bytes.count || isSeparator(position) || isEnd(position) else {
      throw failure(
        "column \(column): something follows a quoted field; a quote within it is written twice")
    }
    return try text(content[...], column)
  }

  private func text(_ content: ArraySlice<UInt8>, _ column: Int) throws(DatasetError) -> String {
    guard content.count <= TableReader.longestField else {
      throw failure("column \(column): a field of \(content.count) bytes")
    }
    var part = content
    while let first = part.first, first == 0x20 || first == 0x09 { part.removeFirst() }
    while let last = part.last, last == 0x20 || last == 0x09 { part.removeLast() }
    return String(decoding: part, as: UTF8.self)
  }

  private func isSpace(_ place: Int) -> Bool { bytes[place] == 0x20 || bytes[place] == 0x09 }

  private func isSeparator(_ place: Int) -> Bool {
    switch separator {
    case .byte(let byte): bytes[place] == byte
    case .spaces: isSpace(place)
    }
  }

  /// Whether a line ends here: in LF, CR LF or CR.
  private func isEnd(_ place: Int) -> Bool { bytes[place] == 0x0A || bytes[place] == 0x0D }

  private func failure(_ message: String) -> DatasetError {
    DatasetError(.format, in: source, "line \(line): \(message)")
  }
}

extension TableSeparator {
  /// The separators that are tried, of which the first is taken where several do equally well.
  private static let candidates: [TableSeparator] = [
    .byte(UInt8(ascii: "\t")), .byte(UInt8(ascii: ";")), .byte(UInt8(ascii: "|")),
    .byte(UInt8(ascii: ",")), .spaces,
  ]

  /// Finds the separator that divides the first rows into the same number of fields, most of which are numbers.
  init(of text: TableText, source: String) {
    if let named = text.separator {
      self = .byte(named)
      return
    }
    var best: (separator: TableSeparator, isEven: Bool, numbers: Double)?
    for candidate in TableSeparator.candidates {
      guard let fit = candidate.fit(to: text, source) else { continue }
      if let best, (best.isEven ? 1 : 0, best.numbers) >= (fit.isEven ? 1 : 0, fit.numbers) {
        continue
      }
      best = (candidate, fit.isEven, fit.numbers)
    }
    self = best?.separator ?? .byte(UInt8(ascii: ","))
  }

  /// Whether rows have as many fields each, and the share of these that are numbers; `nil` if a row is one field.
  private func fit(to text: TableText, _ source: String) -> (isEven: Bool, numbers: Double)? {
    let rows = TableSample.rows(of: text, source, self, most: 50, fields: 20_000)
    guard let first = rows.first else { return nil }
    let width = TableSample.width(of: rows)
    guard width > 1 || first.fields.count > 1 else { return nil }
    let isEven = rows.dropFirst().allSatisfy { $0.fields.count == width }
    let cells = (rows.count > 1 ? Array(rows.dropFirst()) : rows).flatMap(\.fields)
    let allowsCommas = self != .byte(UInt8(ascii: ","))
    let numbers = cells.count { TableNumber.isNumber($0, allowsCommas: allowsCommas) }
    return (isEven, Double(numbers) / Double(max(cells.count, 1)))
  }
}

/// The first rows of a table, from which its form is told.
enum TableSample {
  /// Some rows from the first on, until there are enough of them or of their fields, or one cannot be read.
  static func rows(
    of text: TableText, _ source: String, _ separator: TableSeparator, most: Int, fields: Int
  ) -> [(line: Int, fields: [String])] {
    var reader = TableReader(text, source: source, separator: separator)
    var rows: [(line: Int, fields: [String])] = []
    var count = 0
    // What cannot be read is named when all rows are read.
    while rows.count < 2 || rows.count < most && count < fields, let row = try? reader.next() {
      count += row.fields.count
      rows.append(row)
    }
    return rows
  }

  /// The number of fields that most rows below the first have.
  ///
  /// Of two rows the first decides, unless names stand above one field more, which is a row number.
  static func width(of rows: [(line: Int, fields: [String])]) -> Int {
    if rows.count == 2 {
      let (first, second) = (rows[0].fields, rows[1].fields)
      let areNames = first.allSatisfy { !TableNumber.isNumber($0) }
      return areNames && second.count == first.count + 1 ? second.count : first.count
    }
    var counts: [Int: Int] = [:]
    for row in rows.dropFirst() { counts[row.fields.count, default: 0] += 1 }
    // Where as many have another number, the first row decides.
    let most = counts.values.max() ?? 0
    if let first = rows.first?.fields.count, counts[first] == most { return first }
    return counts.max { ($0.value, $1.key) < ($1.value, $0.key) }?.key
      ?? rows.first?.fields.count ?? 0
  }
}
