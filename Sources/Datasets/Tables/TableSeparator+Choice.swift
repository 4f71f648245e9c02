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
