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
