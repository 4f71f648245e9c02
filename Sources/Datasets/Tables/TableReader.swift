/// Reads rows of fields that are parted by a delimiter (RFC 4180): quoted or not, lines ending in LF or CR LF.
struct TableReader {
  private let bytes: [UInt8]
  private let source: String
  private let delimiter: UInt8
  private var position = 0

  /// The number of the line that the next row begins on, from 1.
  private(set) var line = 1

  /// A field of this length is no number and no name.
  private static let longestField = 10_000
  private static let mostFields = 100_000

  /// Takes the most frequent of comma, semicolon and tab in the first line as the delimiter.
  init(_ bytes: [UInt8], source: String) {
    self.bytes = bytes
    self.source = source
    let first = bytes.prefix { $0 != 0x0A }
    delimiter =
      [UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: "\t")].max { left, right in
        first.count { $0 == left } < first.count { $0 == right }
      } ?? UInt8(ascii: ",")
    // The mark of UTF-8 that some programs write.
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
  }

  /// The next row that is not empty, with its line; `nil` at the end.
  mutating func next() throws(DatasetError) -> (line: Int, fields: [String])? {
    while position < bytes.count, bytes[position] == 0x0A || isReturn(position) {
      if bytes[position] == 0x0A { line += 1 }
      position += 1
    }
    guard position < bytes.count else { return nil }
    let start = line
    var fields: [String] = []
    while true {
      fields.append(try field(fields.count + 1))
      guard fields.count <= TableReader.mostFields else {
        throw failure("has more than \(TableReader.mostFields) fields")
      }
      if position < bytes.count, bytes[position] == delimiter {
        position += 1
        continue
      }
      if position < bytes.count {
        if isReturn(position) { position += 1 }
        position += 1
        line += 1
      }
      return (start, fields)
    }
  }

  private mutating func field(_ column: Int) throws(DatasetError) -> String {
    guard position < bytes.count, bytes[position] == UInt8(ascii: "\"") else {
      let start = position
      while position < bytes.count, bytes[position] != delimiter, bytes[position] != 0x0A,
        !isReturn(position)
      {
        position += 1
      }
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
    let isEnd = position == bytes.count || bytes[position] == delimiter
    guard isEnd || bytes[position] == 0x0A || isReturn(position) else {
      throw failure("column \(column): something follows a quoted field")
    }
    return try text(content[...], column)
  }

  private func text(_ content: ArraySlice<UInt8>, _ column: Int) throws(DatasetError) -> String {
    guard content.count <= TableReader.longestField else {
      throw failure("column \(column): a field of \(content.count) bytes")
    }
    var part = content
    while let first = part.first, first == 0x20 { part.removeFirst() }
    while let last = part.last, last == 0x20 { part.removeLast() }
    return String(decoding: part, as: UTF8.self)
  }

  /// Whether a line ends here in CR LF, or the file in CR.
  private func isReturn(_ place: Int) -> Bool {
    bytes[place] == 0x0D && (place + 1 == bytes.count || bytes[place + 1] == 0x0A)
  }

  private func failure(_ message: String) -> DatasetError {
    DatasetError(.format, in: source, "line \(line): \(message)")
  }
}
