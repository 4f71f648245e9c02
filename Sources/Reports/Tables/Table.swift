/// A table as a value, which renders as terminal text, as Markdown and inside an `HTMLDocument`.
///
///     var table = Table(columns: [.words("attack"), .numbers("accuracy")])
///     table.append(["pgd", .emphasised("45.1 %")])
///     print(table.text())
public struct Table: Hashable, Sendable {
  /// The columns, at least one.
  public let columns: [Column]

  /// The rows, each with one cell per column.
  public private(set) var rows: [[Cell]] = []

  /// What the table shows; left out of terminal text when empty.
  public var caption: String

  /// Creates a table without rows.
  public init(caption: String = "", columns: [Column]) {
    precondition(!columns.isEmpty, "a table needs a column")
    self.columns = columns
    self.caption = caption
  }

  /// Adds a row; traps unless it has one cell per column.
  public mutating func append(_ row: [Cell]) {
    precondition(
      row.count == columns.count, "a row of \(row.count) cells in \(columns.count) columns")
    rows.append(row)
  }

  /// Adds a row of plain texts; traps unless it has one per column.
  public mutating func append(texts: [String]) { append(texts.map { Cell($0) }) }
}
