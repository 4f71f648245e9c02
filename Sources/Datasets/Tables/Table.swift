import Archives
import Files
import Settings
import Tensors

/// A table of numbers with columns of targets, read from text.
struct Table {
  private(set) var features: [Float] = []
  private(set) var featureCount = 0
  /// The texts of the columns of targets, row after row.
  private(set) var targets: [String] = []
  /// The columns of targets, from 0, in the order in which they were asked for; none if there are no targets.
  private(set) var targetColumns: [Int] = []
  /// The columns of the features, from 0.
  private(set) var featureColumns: [Int] = []
  /// The line of each row.
  private(set) var lines: [Int] = []
  /// What was taken for something without being certain, each a part of a sentence.
  private(set) var notes: [String] = []
  /// Where the targets may be instead, to follow what is wrong with them; empty if nothing speaks for it.
  private(set) var targetHint = ""
  /// What may be left out, to follow a number of features that is one too many; empty if nothing speaks for it.
  private(set) var widthHint = ""

  private let source: String
  private let layout: TableLayout

  /// Reads a file, gzipped or not.
  init(path: String, options: DataOptions) throws(DatasetError) {
    let file = try DatasetError.converting { () throws(ArchiveError) in
      try FileContents(inflating: path)
    }
    try self.init(file.bytes, source: file.name, options: options)
  }

  /// Reads a text.
  init(_ bytes: [UInt8], source: String, options: DataOptions) throws(DatasetError) {
    self.source = source
    let text = try TableText(bytes, source: source)
    layout = try TableLayout(of: text, source: source)
    notes = layout.notes
    let choice = try TableTargets(layout, options, source)
    targetColumns = choice.columns
    if let note = choice.note { notes.append(note) }
    targetHint = choice.hint
    featureColumns = layout.columns.filter { !targetColumns.contains($0) }
    featureCount = featureColumns.count
    guard featureCount > 0 else {
      throw DatasetError(
        .format, in: source,
        layout.width > 1
          ? "no column is left for the features, expected some beside the targets"
          : "line \(text.line): found a single column, expected features and a class, separated by comma, semicolon,"
            + " tab, bar or spaces")
    }
    var reader = TableReader(text, source: source, separator: layout.separator)
    if layout.isFirstRowHeader { _ = try reader.next() }
    var emptyRows = 0
    while let row = try reader.next() {
      if row.fields.count > 1, row.fields.allSatisfy(\.isEmpty) {
        emptyRows += 1
        continue
      }
      try append(row.fields, row.line)
    }
    guard !lines.isEmpty else {
      throw DatasetError(.content, in: source, "has no rows below the names of its columns")
    }
    dropRowNumbers(options)
    if emptyRows > 0 {
      notes.append("\(emptyRows) \(emptyRows == 1 ? "row" : "rows") of empty fields are left out")
    }
  }

  /// Leaves out a first column that counts the rows, where the model takes one value less.
  private mutating func dropRowNumbers(_ options: DataOptions) {
    guard let needed = options.shape?.count, needed == featureCount - 1, lines.count > 2,
      let column = featureColumns.first
    else { return }
    let name = layout.name(of: column)
    let numbers = lines.indices.map { features[$0 * featureCount] }
    guard numbers.indices.allSatisfy({ numbers[$0] == numbers[0] + Float($0) }) else {
      // Rows that were shuffled or chosen.
      if Set(numbers).count == numbers.count, numbers.allSatisfy({ $0 >= 0 && $0 == $0.rounded() })
      {
        widthHint =
          "; if \(name.isEmpty ? "column \(column + 1)" : "the column '\(name.prefix(40))'") numbers the rows, leave it"
          + " out (pandas: to_csv(index=False))"
      }
      return
    }
    features = features.enumerated().filter { $0.offset % featureCount != 0 }.map(\.element)
    featureColumns.removeFirst()
    featureCount -= 1
    notes.append(
      "\(name.isEmpty ? "column \(column + 1)" : "the column '\(name)'") counts the rows and is left out, for the"
        + " model takes \(needed) values")
  }

  private mutating func append(_ fields: [String], _ line: Int) throws(DatasetError) {
    let width = layout.width
    let isEmptyBeyond = fields.dropFirst(width).allSatisfy(\.isEmpty)
    guard fields.count == width || fields.count <= width + layout.trailing && isEmptyBeyond,
      fields.count >= width
    else {
      // Comments may stand between rows too.
      if fields.first?.hasPrefix("#") == true { return }
      throw DatasetError(
        .format, in: source,
        "line \(line): found \(fields.count) fields, expected \(width) as in "
          + (lines.isEmpty ? "most rows" : "the rows before")
          + (fields.contains { $0.hasPrefix("'") } ? "; write quotes as \", not as '" : ""))
    }
    for column in featureColumns {
      guard let value = layout.number.value(fields[column]), value.isFinite else {
        // Names that are repeated, units, and what else is no row.
        let areAll = featureColumns.allSatisfy {
          !fields[$0].isEmpty && layout.number.value(fields[$0]) == nil
            && layout.numberColumns.contains($0)
        }
        throw failure(line, column, fields[column], isFeature: true, isWholeRow: areAll)
      }
      features.append(value)
    }
    for column in targetColumns {
      guard !TableHeader.missing.contains(fields[column].lowercased()) else {
        throw failure(line, column, fields[column], isFeature: false)
      }
      targets.append(layout.number.plainly(fields[column]))
    }
    lines.append(line)
  }

  /// The names of the columns of targets, if the columns have names.
  var targetNames: [String] { layout.names.isEmpty ? [] : targetColumns.map { layout.names[$0] } }

  /// The names of the columns of features: their own, or their numbers from 1.
  var featureNames: [String] {
    featureColumns.map { layout.name(of: $0).isEmpty ? "\($0 + 1)" : layout.name(of: $0) }
  }

  /// Which features the options leave as they are.
  func fixedFeatures(_ options: DataOptions) throws(DatasetError) -> [Bool] {
    guard let fixed = options.fixedColumns else {
      return [Bool](repeating: false, count: featureCount)
    }
    let columns = try TableTargets.columns(fixed, layout, source, "\(Setting.fixedColumns)")
    if let column = columns.first(where: targetColumns.contains) {
      throw DatasetError(
        .content, in: source,
        "column \(column + 1) holds the class, which no attack changes; expected others in \(Setting.fixedColumns)"
      )
    }
    if let column = columns.first(where: { !featureColumns.contains($0) }) {
      throw DatasetError(
        .content, in: source,
        "column \(column + 1) is left out, since it numbers the rows; expected others in \(Setting.fixedColumns)"
      )
    }
    guard columns.count < featureCount else {
      throw DatasetError(
        .content, in: source,
        "\(Setting.fixedColumns) names all \(featureCount) columns, so that nothing may change; expected fewer"
      )
    }
    return featureColumns.map(columns.contains)
  }

  /// Makes sure that all features are within a range, if there is one.
  ///
  /// - Parameters:
  ///   - range: The range.
  ///   - isSaid: Whether an option said it.
  /// - Throws: `DatasetError` with the first that is not, and what may help.
  func check(_ range: ClosedRange<Float>?, isSaid: Bool) throws(DatasetError) {
    guard let range, let place = features.firstIndex(where: { !range.contains($0) }) else { return }
    let (row, column) = place.quotientAndRemainder(dividingBy: featureCount)
    let all = (features.min() ?? 0)...(features.max() ?? 0)
    let areWhole = features.allSatisfy { $0 == $0.rounded() }
    throw DatasetError(
      .content, in: source,
      "line \(lines[row]): feature \(column + 1) is \(features[place]), expected values within"
        + " \(range.lowerBound)...\(range.upperBound)"
        + (isSaid ? "" : RangeRemedy.spreading(all, areWhole: areWhole)))
  }

  /// Spreads values that are within a range over another.
  mutating func spread(_ range: ClosedRange<Float>, over bounds: ClosedRange<Float>) {
    features.withUnsafeMutableBufferPointer { Dataset.spread($0, from: range, over: bounds) }
  }

  /// The targets as numbers, row after row.
  func targetNumbers() throws(DatasetError) -> [Float] {
    try targets.enumerated().map { index, text throws(DatasetError) in
      let (row, place) = index.quotientAndRemainder(dividingBy: targetColumns.count)
      guard let value = layout.number.value(text), value.isFinite else {
        throw failure(lines[row], targetColumns[place], text, isFeature: false)
      }
      return value
    }
  }

  private func failure(
    _ line: Int, _ column: Int, _ text: String, isFeature: Bool, isWholeRow: Bool = false
  ) -> DatasetError {
    let name = layout.name(of: column).isEmpty ? "" : " ('\(layout.name(of: column).prefix(40))')"
    let missing = isFeature ? TableHeader.missingNumbers : TableHeader.missing
    let message =
      missing.contains(text.lowercased())
      ? "the value is missing ('\(text)'), expected one in every row: fill it, or leave such rows out"
        + " (pandas: fillna, dropna)"
      : "found '\(text.prefix(40))', expected a finite number"
        + (isWholeRow
          ? "; the line holds no numbers: remove it if it repeats the names or tells units"
          : layout.number.remedy(
            for: text, isUsualText: isFeature && !layout.mostlyNumbers.contains(column),
            isAmongNumbers: isFeature && layout.mostlyNumbers.contains(column)))
    return DatasetError(
      .content, in: source, "line \(line), column \(column + 1)\(name): \(message)")
  }
}
