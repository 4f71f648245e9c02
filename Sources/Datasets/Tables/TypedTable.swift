import Archives
import Files

/// A table whose columns are numbers or names of categories, with fields that may be missing.
///
/// It is read as other tables are (separators, decimal commas, row numbers, gzip), but nothing of it is taken for a
/// target, texts are no mistake, and numbers keep double precision.
public struct TypedTable: Sendable {
  /// A column.
  public struct Column: Sendable {
    /// Its name, or its number from 1 where columns have none.
    public let name: String
    /// What it holds.
    public let content: Content
  }

  /// What a column holds; `nil` stands for a field that is empty, or says NA, NaN, null or the like.
  public enum Content: Sendable {
    /// Numbers.
    case numbers([Double?])
    /// Texts: the different ones in order, and for each row the place of its own.
    case categories([String], [Int?])

    /// Whether these are numbers.
    public var isNumeric: Bool { if case .numbers = self { true } else { false } }
  }

  /// The file.
  public let source: String
  /// The columns; those that number the rows are left out.
  public let columns: [Column]
  /// The line of each row, from 1.
  public let lines: [Int]
  /// What was taken for something without being certain, each a part of a sentence.
  public let notes: [String]

  /// The number of rows.
  public var count: Int { lines.count }

  /// The most categories of one column.
  private static let mostCategories = 10_000

  /// Reads a table.
  ///
  /// - Parameters:
  ///   - path: The file in UTF-8 or UTF-16, gzipped or not.
  ///   - categories: Columns that hold names of categories even where all of these are numbers.
  /// - Throws: `DatasetError` that names the line where a row has another number of fields, or what the file is instead.
  public init(path: String, categories: Set<String> = []) throws(DatasetError) {
    let file = try DatasetError.converting { () throws(ArchiveError) in
      try FileContents(inflating: path)
    }
    try self.init(file.bytes, source: file.name, categories: categories)
  }

  /// Reads a table from text.
  public init(
    _ bytes: [UInt8], source: String, categories: Set<String> = []
  ) throws(DatasetError) {
    let text = try TableText(bytes, source: source)
    let layout = try TableLayout(of: text, source: source)
    var reader = TableReader(text, source: source, separator: layout.separator)
    if layout.isFirstRowHeader { _ = try reader.next() }
    let kept = layout.columns
    var fields = [[String]](repeating: [], count: kept.count)
    var lines: [Int] = []
    while let row = try reader.next() {
      if row.fields.count > 1, row.fields.allSatisfy(\.isEmpty) { continue }
      let isEmptyBeyond = row.fields.dropFirst(layout.width).allSatisfy(\.isEmpty)
      guard row.fields.count >= layout.width,
        row.fields.count <= layout.width + layout.trailing && isEmptyBeyond
      else {
        throw DatasetError(
          .format, in: source,
          "line \(row.line): found \(row.fields.count) fields, expected \(layout.width) as in most rows"
        )
      }
      for (place, column) in kept.enumerated() { fields[place].append(row.fields[column]) }
      lines.append(row.line)
    }
    guard !lines.isEmpty else {
      throw DatasetError(.content, in: source, "has no rows below the names of its columns")
    }
    var columns: [Column] = []
    for (place, column) in kept.enumerated() {
      let own = layout.name(of: column)
      let name = own.isEmpty ? "\(column + 1)" : own
      guard !columns.contains(where: { $0.name == name }) else {
        throw DatasetError(
          .content, in: source,
          "two columns are called '\(name.prefix(40))'; expected different names")
      }
      columns.append(
        Column(
          name: name,
          content: try Self.content(
            fields[place], layout.number, isCategory: categories.contains(name), name, source)))
    }
    self.source = source
    self.columns = columns
    self.lines = lines
    notes = layout.notes
  }

  private static func content(
    _ fields: [String], _ number: TableNumber, isCategory: Bool, _ name: String, _ source: String
  ) throws(DatasetError) -> Content {
    if !isCategory, let numbers = numbers(fields, number) { return .numbers(numbers) }
    var names = Set<String>()
    // As in pandas, a category may be called none.
    for field in fields
    where field == "none" || !TableHeader.missing.contains(field.lowercased()) {
      names.insert(number.plainly(field))
    }
    guard names.count <= mostCategories else {
      throw DatasetError(
        .content, in: source,
        "the column '\(name.prefix(40))' holds \(names.count) different texts, expected at most \(mostCategories)"
      )
    }
    let sorted = names.sorted()
    let places = Dictionary(zip(sorted, sorted.indices), uniquingKeysWith: { first, _ in first })
    return .categories(sorted, fields.map { places[number.plainly($0)] })
  }

  /// The numbers of a column; `nil` if a field is a text, or if there is no number at all.
  private static func numbers(_ fields: [String], _ number: TableNumber) -> [Double?]? {
    var numbers: [Double?] = []
    numbers.reserveCapacity(fields.count)
    for field in fields {
      if let value = Double(field), value.isFinite, number == .plain {
        numbers.append(value)
      } else if TableHeader.missingNumbers.contains(field.lowercased()) {
        numbers.append(nil)
      } else if let value = number.exactValue(field), value.isFinite {
        numbers.append(value)
      } else {
        return nil
      }
    }
    return numbers.contains { $0 != nil } ? numbers : nil
  }

  /// The place of a column by its name.
  ///
  /// - Throws: `DatasetError` that names the nearest there is.
  public func place(of name: String, as role: String) throws(DatasetError) -> Int {
    if let place = columns.firstIndex(where: { $0.name == name }) { return place }
    let names = columns.map(\.name)
    throw DatasetError(
      .content, in: source,
      "\(role): there is no column '\(name.prefix(40))'\(name.suggestion(among: names)); there are"
        + " \(TableLayout.listed(names, 6))")
  }

  /// The rows without a missing field.
  public var completeRows: [Int] {
    (0..<count).filter { row in
      columns.allSatisfy { column in
        switch column.content {
        case .numbers(let numbers): numbers[row] != nil
        case .categories(_, let places): places[row] != nil
        }
      }
    }
  }
}

extension TableNumber {
  /// The number that a field holds, in double precision; `nil` if it holds none.
  func exactValue(_ text: String) -> Double? {
    guard value(text) != nil else { return nil }
    return Double(plainly(text)) ?? value(text).map(Double.init)
  }
}
