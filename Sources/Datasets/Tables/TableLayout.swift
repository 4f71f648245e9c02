/// The form of a table, told from its first rows: what parts fields, how numbers are written, which columns there are.
struct TableLayout {
  /// What parts fields.
  let separator: TableSeparator
  /// How numbers are written.
  let number: TableNumber
  /// The number of fields of a row, with those that are left out.
  private(set) var width: Int
  /// The names of all columns; empty if they have none.
  private(set) var names: [String] = []
  /// Whether the names are in the first row.
  private(set) var isFirstRowHeader = false
  /// Whether the names are nothing but numbers in their order.
  private(set) var hasCountedNames = false
  /// The columns that are left out, from 0: row numbers, and what follows a last separator.
  private(set) var leftOut: Set<Int> = []
  /// How many columns at the end are empty.
  private(set) var trailing = 0
  /// What was taken for something without being certain, each a part of a sentence.
  private(set) var notes: [String] = []
  /// The columns that hold numbers in some of the first rows, from 0.
  private(set) var numberColumns: Set<Int> = []
  /// The columns that hold numbers in most of the first rows, from 0.
  private(set) var mostlyNumbers: Set<Int> = []
  /// The columns that hold texts in the first rows, from 0.
  private(set) var textColumns: Set<Int> = []
  /// The columns that hold nothing but whole numbers from 0 in the first rows.
  private(set) var wholeColumns: Set<Int> = []

  /// Looks at the first rows of a text.
  ///
  /// - Throws: `DatasetError` if there is none.
  init(of text: TableText, source: String) throws(DatasetError) {
    separator = TableSeparator(of: text, source: source)
    var rows = TableSample.rows(of: text, source, separator, most: 1000, fields: 200_000)
    guard let first = rows.first else {
      // Nothing, or a row that cannot be read.
      var reader = TableReader(text, source: source, separator: separator)
      _ = try reader.next()
      throw DatasetError(.format, in: source, "is empty, expected a table")
    }
    if first.fields.count > 1, first.fields.dropFirst().allSatisfy(TableLayout.isSparse) {
      throw DatasetError(
        .format, in: source,
        "line \(first.line): found '\(first.fields[1].prefix(40))' (sparse LibSVM form), expected all values of every"
          + " row; convert it to npz:FILE, such as by scikit-learn's load_svmlight_file")
    }
    width = TableSample.width(of: rows)
    number = TableNumber(
      of: rows.dropFirst().flatMap(\.fields) + (rows.count > 1 ? [] : first.fields),
      isPartedByComma: separator == .byte(UInt8(ascii: ",")))
    dropTrailing(&rows)
    let body = rows.dropFirst().map(\.fields).filter { $0.count == width }
    takeNames(rows[0].fields, above: body, line: first.line, comment: text.comment, source)
    dropRowNumbers(body)
    guard names.isEmpty || names.count == width else {
      throw DatasetError(
        .format, in: source,
        "line \(first.line): found \(names.count) column names, expected \(width), as in most rows; remove a title"
          + " above the names")
    }
    guard names.isEmpty || width < 3 || names.count(where: { !$0.isEmpty }) > 1 else {
      throw DatasetError(
        .format, in: source,
        "line \(first.line): found a single name for \(width) columns; remove a title above the names"
      )
    }
    look(at: isFirstRowHeader ? body : rows.map(\.fields).filter { $0.count == width })
  }

  /// Takes the names of the columns from the first row, if it holds names, or from a comment above it.
  private mutating func takeNames(
    _ fields: [String], above body: [[String]], line: Int, comment: ArraySlice<UInt8>?,
    _ source: String
  ) {
    let header = TableHeader(fields, body: body)
    if header.isHeader {
      isFirstRowHeader = true
      hasCountedNames = header.isCount
      names = fields
      guard header.isGuess else { return }
      notes.append(
        "line \(line) (\(TableLayout.listed(fields, 3))) is taken for the names of the columns")
    } else if let comment {
      var reader = TableReader(line: comment, source: source, separator: separator)
      let words = (try? reader.next())?.fields ?? []
      guard words.count == width, width > 1, words.allSatisfy({ Double($0) == nil }) else { return }
      names = words
      notes.append("the comment above line \(line) is taken for the names of the columns")
    }
  }

  /// Notes which columns hold texts, and which whole numbers.
  private mutating func look(at rows: [[String]]) {
    let number = number
    for column in 0..<width where !rows.isEmpty {
      let cells = rows.lazy.map { $0[column] }
        .filter { !TableHeader.missingNumbers.contains($0.lowercased()) }
      let numbers = cells.map { number.value($0) }
      let count = numbers.count { $0 != nil }
      if count > 0 { numberColumns.insert(column) }
      if 2 * count > numbers.count { mostlyNumbers.insert(column) }
      if numbers.contains(nil) {
        textColumns.insert(column)
      } else if numbers.allSatisfy({ value in
        value.map { 0...1e6 ~= $0 && $0 == $0.rounded() } ?? false
      }) {
        wholeColumns.insert(column)
      }
    }
  }

  /// The columns that are not left out.
  var columns: [Int] { (0..<width).filter { !leftOut.contains($0) } }

  /// What a column is called: its name, if it has one.
  func name(of column: Int) -> String { names.isEmpty ? "" : names[column] }

  /// Some of the fields in one line.
  static func listed(_ fields: some Collection<String>, _ most: Int) -> String {
    fields.prefix(most).map { String($0.prefix(40)) }.joined(separator: ", ")
      + (fields.count > most ? ", ..." : "")
  }

  /// Whether a field is a place and a number, as `3:0.5`.
  private static func isSparse(_ field: String) -> Bool {
    let parts = field.split(separator: ":", omittingEmptySubsequences: false)
    return parts.count == 2 && Int(parts[0]) != nil && Double(String(parts[1])) != nil
  }

  /// Leaves out the empty fields after a separator at the end of every row.
  private mutating func dropTrailing(_ rows: inout [(line: Int, fields: [String])]) {
    let body = rows.count > 1 ? rows.dropFirst() : rows[...]
    while width > 2,
      body.allSatisfy({ $0.fields.count < width || $0.fields[width - 1].isEmpty }),
      body.contains(where: { $0.fields.count == width }),
      rows[0].fields.count < width || rows[0].fields[width - 1].isEmpty
    {
      width -= 1
      trailing += 1
      for place in rows.indices where rows[place].fields.count > width {
        rows[place].fields.removeLast()
      }
    }
  }

  /// Leaves out columns of row numbers, as pandas and R write them: the first ones, without a name.
  private mutating func dropRowNumbers(_ body: [[String]]) {
    guard !names.isEmpty, width > 2 else { return }
    if names.count == width - 1 { names.insert("", at: 0) }
    guard names.count == width else { return }
    while leftOut.count < width - 2 {
      let column = leftOut.count
      // Further levels of an index are without a name too; fractions are none.
      let isUnnamed =
        names[column].isEmpty
        && (column == 0
          || body.allSatisfy { Double($0[column]).map { $0 == $0.rounded() } ?? true })
      let isCalledSo =
        names[column].hasPrefix("Unnamed: 0")
        && body.allSatisfy { Double($0[column]).map { $0 == $0.rounded() } ?? false }
      guard isUnnamed || isCalledSo else { break }
      leftOut.insert(column)
      notes.append(
        isUnnamed
          ? "\(column == 0 ? "the first column" : "column \(column + 1)"), which has no name, is taken for row numbers and left out"
          : "the column '\(names[column])' is taken for row numbers and left out")
    }
  }
}

/// What the first line of a table is: names of columns, or values.
struct TableHeader {
  /// Whether it names columns.
  let isHeader: Bool
  /// Whether that is a guess, since some of the names are numbers.
  let isGuess: Bool
  /// Whether the names are nothing but numbers in their order.
  let isCount: Bool

  private init(_ isHeader: Bool, isGuess: Bool = false, isCount: Bool = false) {
    self.isHeader = isHeader
    self.isGuess = isGuess
    self.isCount = isCount
  }

  /// Texts that stand for a missing value, whatever the column.
  static let missing: Set<String> = ["", "na", "n/a", "nan", "null", "none", "?"]

  /// Texts that stand for a missing number; a class may be called so.
  static let missingNumbers = missing.union(["#n/a", "<na>", "-nan", "nat", "-", "--", "."])

  /// What columns of targets are usually called.
  static let usualTargets: Set<String> = ["target", "label", "class", "y"]

  /// Tells it from the first line and the rows below.
  ///
  /// - Parameters:
  ///   - first: The fields of the first line.
  ///   - body: Those of some rows below it.
  init(_ first: [String], body: [[String]]) {
    let numbers = first.filter { TableHeader.isNumber($0) }
    let words = first.indices.filter { column in
      !TableHeader.isNumber(first[column])
        && !TableHeader.missingNumbers.contains(first[column].lowercased())
    }
    guard !numbers.isEmpty else {
      self.init(!words.isEmpty)
      return
    }
    // A row of index cells makes the rows below one field longer.
    let shift = body.allSatisfy { $0.count == first.count + 1 } && !body.isEmpty ? 1 : 0
    func below(_ column: Int) -> [String] {
      body.compactMap { $0.count > column + shift ? $0[column + shift] : nil }
    }
    let start = Int(numbers[0]) == 1 ? 1 : 0
    let isCount =
      numbers.count > 1
      && numbers.enumerated().allSatisfy { Double($1) == Double($0 + start) }
    if words.isEmpty {
      let isUnnamed = first.first?.isEmpty == true || shift == 1
      let isHeader =
        isCount
        && (isUnnamed && start == 0 && numbers.count + (1 - shift) == first.count
          || TableHeader.isUnlike(first, (0..<first.count).map(below), start: start))
      self.init(isHeader, isGuess: isHeader, isCount: isHeader)
      return
    }
    let areNew = words.allSatisfy { !below($0).contains(first[$0]) }
    let isUsual = words.contains { TableHeader.usualTargets.contains(first[$0].lowercased()) }
    let areAbove = words.filter { column in
      let cells = below(column)
      return !cells.isEmpty && cells.allSatisfy { TableHeader.isNumber($0) }
    }
    let areMany = 2 * words.count >= words.count + numbers.count
    let isHeader = areNew && !body.isEmpty && (isUsual || isCount || areMany && !areAbove.isEmpty)
    self.init(isHeader, isGuess: isHeader)
  }

  private static func isNumber(_ text: String) -> Bool {
    TableNumber.isNumber(text) && !missingNumbers.contains(text.lowercased())
  }

  /// Whether a line that counts up is no row of the table below it.
  ///
  /// It is where six or more count up, where a column below holds nothing but fractions, or where a number is out of
  /// the range of its column; but not where the rows go on counting.
  private static func isUnlike(
    _ first: [String], _ columns: [[String]], start: Int
  ) -> Bool {
    let count = first.count
    guard let rows = columns.first?.count, rows > 0, !first.contains("") else { return false }
    let values = columns.map { $0.compactMap { Double($0.replacing(",", with: ".")) } }
    if values.enumerated().allSatisfy({ $1.first == Double($0 + start + count) }) {
      return false
    }
    if count >= 6 { return true }
    let areWhole = first.allSatisfy { Int($0) != nil }
    let hasFractions = columns.contains { cells in
      rows > 1 && areWhole && cells.allSatisfy { $0.contains(".") || $0.contains(",") }
    }
    if hasFractions { return true }
    return rows >= 10
      && values.enumerated().contains { column, cells in
        guard let least = cells.min(), let most = cells.max() else { return false }
        return Double(column + start) < least || Double(column + start) > most
      }
  }
}
