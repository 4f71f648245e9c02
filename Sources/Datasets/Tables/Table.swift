import Archives

/// A table of numbers with a column of classes, read from text.
struct Table {
  private(set) var features: [Float] = []
  private(set) var featureCount = 0
  /// The texts of the column of classes.
  private(set) var targets: [String] = []
  /// The line of each row.
  private(set) var lines: [Int] = []

  private let source: String
  private var header: [String] = []
  private var targetColumn = 0

  private static let missing: Set<String> = ["", "na", "n/a", "nan", "null", "none", "?"]
  private static let targetNames: Set<String> = ["target", "label", "class", "y"]

  /// Reads a file, gzipped or not.
  init(path: String, target: String?) throws(DatasetError) {
    let file = try DatasetError.converting { () throws(ArchiveError) in
      try FileContents(inflating: path)
    }
    try self.init(file.bytes, source: file.name, target: target)
  }

  /// Reads a text.
  ///
  /// The first line names the columns if none of its fields is a number.
  init(_ bytes: [UInt8], source: String, target: String?) throws(DatasetError) {
    self.source = source
    var reader = TableReader(bytes, source: source)
    guard let first = try reader.next() else {
      throw DatasetError(.format, in: source, "is empty, expected a table")
    }
    let hasHeader = first.fields.allSatisfy { Double($0) == nil }
    if hasHeader { header = first.fields }
    targetColumn = try Table.column(target, first.fields, hasHeader, source)
    featureCount = first.fields.count - 1
    guard featureCount > 0 else {
      throw DatasetError(
        .format, in: source,
        "line \(first.line): found a single column, expected features and a class, parted by"
          + " comma, semicolon or tab")
    }
    if !hasHeader { try append(first.fields, first.line) }
    while let row = try reader.next() { try append(row.fields, row.line) }
    guard !targets.isEmpty else {
      throw DatasetError(.content, in: source, "has no rows below the names of its columns")
    }
  }

  private mutating func append(_ fields: [String], _ line: Int) throws(DatasetError) {
    guard fields.count == featureCount + 1 else {
      throw DatasetError(
        .format, in: source,
        "line \(line): found \(fields.count) fields, expected \(featureCount + 1) as in the first"
          + " line")
    }
    for (column, text) in fields.enumerated() {
      guard !Table.missing.contains(text.lowercased()) else {
        throw failure(line, column, "the value is missing ('\(text)'), expected one in every row")
      }
      if column == targetColumn {
        targets.append(text)
        continue
      }
      guard let value = Float(text), value.isFinite else {
        throw failure(line, column, "found '\(text.prefix(40))', expected a finite number")
      }
      features.append(value)
    }
    lines.append(line)
  }

  private func failure(_ line: Int, _ column: Int, _ message: String) -> DatasetError {
    let name = header.isEmpty ? "" : " ('\(header[column])')"
    return DatasetError(
      .content, in: source, "line \(line), column \(column + 1)\(name): \(message)")
  }

  /// The column of the classes, from 0.
  private static func column(
    _ target: String?, _ fields: [String], _ hasHeader: Bool, _ source: String
  ) throws(DatasetError) -> Int {
    let listed = fields.prefix(20).joined(separator: ", ")
    if let target {
      if hasHeader, let place = fields.firstIndex(of: target) { return place }
      if let number = Int(target), 1...fields.count ~= number { return number - 1 }
      throw DatasetError(
        .content, in: source,
        hasHeader
          ? "has no column '\(target)'; there are \(listed)"
          : "has no names of columns, expected the column's number from 1 to \(fields.count), not"
            + " '\(target)'")
    }
    guard hasHeader else { return fields.count - 1 }
    let places = fields.indices.filter { targetNames.contains(fields[$0].lowercased()) }
    guard places.count == 1, let place = places.first else {
      throw DatasetError(
        .content, in: source,
        "which column holds the class? Say so by --target-column; there are \(listed)")
    }
    return place
  }
}
