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
