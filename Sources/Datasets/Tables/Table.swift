import Archives
import Files

/// A table of numbers with columns of targets, read from text.
struct Table {
  private(set) var features: [Float] = []
  private(set) var featureCount = 0
  /// The texts of the columns of targets, row after row.
  private(set) var targets: [String] = []
  /// The columns of targets, from 0, in the order in which they were asked for.
  private(set) var targetColumns: [Int] = []
  /// The line of each row.
  private(set) var lines: [Int] = []

  private let source: String
  private var header: [String] = []
  private var isTarget: [Bool] = []

  private static let missing: Set<String> = ["", "na", "n/a", "nan", "null", "none", "?"]
  private static let usualNames: Set<String> = ["target", "label", "class", "y"]

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
    targetColumns = try Table.columns(target, first.fields, hasHeader, source)
    featureCount = first.fields.count - targetColumns.count
    guard featureCount > 0 else {
      throw DatasetError(
        .format, in: source,
        first.fields.count > 1
          ? "no column is left for the features, expected some beside the targets"
          : "line \(first.line): found a single column, expected features and a class, parted by"
            + " comma, semicolon or tab")
    }
    if !hasHeader { try append(first.fields, first.line) }
    while let row = try reader.next() { try append(row.fields, row.line) }
    guard !targets.isEmpty else {
      throw DatasetError(.content, in: source, "has no rows below the names of its columns")
    }
  }

  private mutating func append(_ fields: [String], _ line: Int) throws(DatasetError) {
    guard fields.count == featureCount + targetColumns.count else {
      throw DatasetError(
        .format, in: source,
        "line \(line): found \(fields.count) fields, expected"
          + " \(featureCount + targetColumns.count) as in the first"
          + " line")
    }
    if isTarget.isEmpty {
      isTarget = fields.indices.map(targetColumns.contains)
    }
    for (column, text) in fields.enumerated() {
      guard !Table.missing.contains(text.lowercased()) else {
        throw failure(line, column, "the value is missing ('\(text)'), expected one in every row")
      }
      if isTarget[column] { continue }
      guard let value = Float(text), value.isFinite else {
        throw failure(line, column, "found '\(text.prefix(40))', expected a finite number")
      }
      features.append(value)
    }
    targets += targetColumns.map { fields[$0] }
    lines.append(line)
  }

  /// The names of the columns of targets, if the columns have names.
  var targetNames: [String] { header.isEmpty ? [] : targetColumns.map { header[$0] } }

  /// The targets as numbers, row after row.
  func targetNumbers() throws(DatasetError) -> [Float] {
    try targets.enumerated().map { index, text throws(DatasetError) in
      let (row, place) = index.quotientAndRemainder(dividingBy: targetColumns.count)
      guard let value = Float(text), value.isFinite else {
        throw failure(
          lines[row], targetColumns[place], "found '\(text.prefix(40))', expected a finite number")
      }
      return value
    }
  }

  private func failure(_ line: Int, _ column: Int, _ message: String) -> DatasetError {
    let name = header.isEmpty ? "" : " ('\(header[column])')"
    return DatasetError(
      .content, in: source, "line \(line), column \(column + 1)\(name): \(message)")
  }

  /// The columns of the targets, from 0.
  private static func columns(
    _ target: String?, _ fields: [String], _ hasHeader: Bool, _ source: String
  ) throws(DatasetError) -> [Int] {
    guard let target else { return [try usualColumn(fields, hasHeader, source)] }
    func place(_ name: String) -> Int? {
      if hasHeader, let place = fields.firstIndex(of: name) { return place }
      guard let number = Int(name), 1...fields.count ~= number else { return nil }
      return number - 1
    }
    // The name of one column may have a comma in it.
    if let whole = place(target) { return [whole] }
    var columns: [Int] = []
    for part in target.split(separator: ",", omittingEmptySubsequences: false) {
      let name = String(part.trimmingPrefix { $0 == " " })
      guard let column = place(name) else {
        let listed = fields.prefix(20).joined(separator: ", ")
        throw DatasetError(
          .content, in: source,
          hasHeader
            ? "has no column '\(name)'\(name.suggestion(among: fields)); there are \(listed)"
            : "has no names of columns, expected the column's number from 1 to \(fields.count), not"
              + " '\(name)'")
      }
      guard !columns.contains(column) else {
        throw DatasetError(.content, in: source, "the column '\(name)' is asked for twice")
      }
      columns.append(column)
    }
    return columns
  }

  /// The column of the classes where nobody named it.
  private static func usualColumn(
    _ fields: [String], _ hasHeader: Bool, _ source: String
  ) throws(DatasetError) -> Int {
    guard hasHeader else { return fields.count - 1 }
    let places = fields.indices.filter { usualNames.contains(fields[$0].lowercased()) }
    guard places.count == 1, let place = places.first else {
      throw DatasetError(
        .content, in: source,
        "which column holds the class? Say so by --target-column; there are"
          + " \(fields.prefix(20).joined(separator: ", "))")
    }
    return place
  }
}
