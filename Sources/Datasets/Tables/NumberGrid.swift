import Archives
import Files

/// A rectangle of numbers, such as the payoffs of a game, with or without names of its rows and columns.
public struct NumberGrid: Sendable {
  /// The file.
  public let source: String
  /// The names of the rows; empty if they have none.
  public let rowNames: [String]
  /// The names of the columns; empty if they have none.
  public let columnNames: [String]
  /// The numbers, row after row; at least two rows of at least two each.
  public let rows: [[Double]]

  /// Reads a grid.
  ///
  /// The first line holds names if its fields, but perhaps the first, are no numbers, and the first field of each row is a
  /// name if none of them is a number.
  ///
  /// - Parameter path: The file in UTF-8 or UTF-16, gzipped or not.
  /// - Throws: `DatasetError` that names the line and the column of what is wrong.
  public init(path: String) throws(DatasetError) {
    let file = try DatasetError.converting { () throws(ArchiveError) in
      try FileContents(inflating: path)
    }
    try self.init(file.bytes, source: file.name)
  }

  /// Reads a grid from text.
  public init(_ bytes: [UInt8], source: String) throws(DatasetError) {
    self.source = source
    let text = try TableText(bytes, source: source)
    let separator = TableSeparator(of: text, source: source)
    var reader = TableReader(text, source: source, separator: separator)
    var lines: [(line: Int, fields: [String])] = []
    while let row = try reader.next() { lines.append(row) }
    guard let first = lines.first else {
      throw DatasetError(.format, in: source, "is empty, expected a table of numbers")
    }
    let hasHeader =
      first.fields.count > 1 && first.fields.dropFirst().allSatisfy { !TableNumber.isNumber($0) }
      && first.fields.dropFirst().allSatisfy {
        !TableHeader.missingNumbers.contains($0.lowercased())
      }
    var body = hasHeader ? Array(lines.dropFirst()) : lines
    let hasNames =
      !body.isEmpty
      && body.allSatisfy { row in
        row.fields.count > 1
          && row.fields.first.map { !TableNumber.isNumber($0) && !$0.isEmpty } == true
          && !TableHeader.missingNumbers.contains(row.fields[0].lowercased())
      }
    rowNames = hasNames ? body.map { $0.fields[0] } : []
    if hasNames { body = body.map { ($0.line, Array($0.fields.dropFirst())) } }
    let width = body.first?.fields.count ?? 0
    guard width > 1 else {
      throw DatasetError(
        .format, in: source,
        "line \(first.line): found a single column, expected at least two, separated by comma, semicolon, tab, bar or spaces"
      )
    }
    guard body.count > 1 else {
      throw DatasetError(
        .format, in: source, "found a single row of numbers, expected at least two")
    }
    let number = TableNumber(
      of: body.flatMap(\.fields), isPartedByComma: separator == .byte(UInt8(ascii: ",")))
    var rows: [[Double]] = []
    for row in body {
      guard row.fields.count == width else {
        throw DatasetError(
          .format, in: source,
          "line \(row.line): found \(row.fields.count) numbers, expected \(width) as in the first row"
        )
      }
      var values: [Double] = []
      for (column, field) in row.fields.enumerated() {
        guard let value = number.exactValue(field), value.isFinite else {
          throw DatasetError(
            .content, in: source,
            "line \(row.line), column \(column + (hasNames ? 2 : 1)): found '\(field.prefix(40))', expected a finite number"
          )
        }
        values.append(value)
      }
      rows.append(values)
    }
    self.rows = rows
    let names = hasHeader ? Array(first.fields.suffix(width)) : []
    columnNames = names.count == width ? names : []
  }
}
