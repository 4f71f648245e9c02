import Files

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

  /// A column's title and where its cells stand.
  public struct Column: Hashable, Sendable {
    /// The heading.
    public let title: String

    /// Where the heading and the cells stand.
    public let alignment: ColumnAlignment

    /// Creates a column.
    public init(_ title: String, _ alignment: ColumnAlignment) {
      self.title = title
      self.alignment = alignment
    }

    /// A column of words, at the left edge.
    public static func words(_ title: String) -> Column { Column(title, .leading) }

    /// A column of numbers, at the right edge.
    public static func numbers(_ title: String) -> Column { Column(title, .trailing) }

    /// A column of marks, in the middle.
    public static func marks(_ title: String) -> Column { Column(title, .centre) }
  }

  /// One cell: a text, which may be emphasised.
  public struct Cell: Hashable, Sendable, ExpressibleByStringInterpolation {
    /// What the cell says.
    public let text: String

    /// Whether Markdown and HTML make the cell stand out; terminal text does not.
    public let isEmphasised: Bool

    /// Creates a cell.
    public init(_ text: String, isEmphasised: Bool = false) {
      self.text = text
      self.isEmphasised = isEmphasised
    }

    /// Creates a plain cell from a literal.
    public init(stringLiteral text: String) { self.init(text) }

    /// A cell that stands out, such as the best of its column.
    public static func emphasised(_ text: String) -> Cell { Cell(text, isEmphasised: true) }
  }

  /// The table for a terminal: titles, a rule and the rows, each line ending in a newline.
  ///
  /// Control characters are replaced, so cells may hold names from untrusted files.
  public func text() -> String {
    let titles = columns.map(\.title.terminalSafe)
    let body = rows.map { $0.map(\.text.terminalSafe) }
    let widths = columns.indices.map { column in
      body.reduce(titles[column].displayWidth) { max($0, $1[column].displayWidth) }
    }
    func line(_ cells: [String]) -> String {
      let padded = cells.indices.map {
        cells[$0].padded(to: widths[$0], columns[$0].alignment)
      }
      var line = padded.joined(separator: "  ")
      while line.last == " " { line.removeLast() }
      return line + "\n"
    }
    let rule = widths.map { String(repeating: "─", count: $0) }.joined(separator: "  ") + "\n"
    let heading = caption.isEmpty ? "" : caption.terminalSafe + "\n\n"
    return heading + line(titles) + rule + body.map(line).joined()
  }

  /// The table as GitHub-flavoured Markdown, aligned so that its source reads well too.
  public func markdown() -> String {
    let titles = columns.map { Table.markdown($0.title) }
    let body = rows.map { row in
      row.map { cell in
        let text = Table.markdown(cell.text)
        return cell.isEmphasised && !text.isEmpty ? "**\(text)**" : text
      }
    }
    let widths = columns.indices.map { column in
      body.reduce(max(3, titles[column].displayWidth)) { max($0, $1[column].displayWidth) }
    }
    func line(_ cells: [String]) -> String {
      let padded = cells.indices.map {
        cells[$0].padded(to: widths[$0], columns[$0].alignment)
      }
      return "| " + padded.joined(separator: " | ") + " |\n"
    }
    let rule = columns.indices.map { index in
      switch columns[index].alignment {
      case .leading: String(repeating: "-", count: widths[index])
      case .centre: ":" + String(repeating: "-", count: widths[index] - 2) + ":"
      case .trailing: String(repeating: "-", count: widths[index] - 1) + ":"
      }
    }
    let heading = caption.isEmpty ? "" : Table.markdown(caption) + "\n\n"
    return heading + line(titles) + line(rule) + body.map(line).joined()
  }

  private static func markdown(_ text: String) -> String {
    var escaped = ""
    for character in text.terminalSafe {
      if "\\`*_[]<>|&~".contains(character) { escaped.append("\\") }
      escaped.append(character)
    }
    return escaped
  }
}

/// Where the cells of a table's column stand.
public enum ColumnAlignment: Hashable, Sendable {
  /// At the left edge, for words.
  case leading

  /// In the middle, for marks.
  case centre

  /// At the right edge, for numbers.
  case trailing
}

extension String {
  /// The number of terminal cells the text takes: exact for Latin, approximate elsewhere.
  var displayWidth: Int { unicodeScalars.reduce(0) { $0 + $1.displayWidth } }

  func padded(to width: Int, _ alignment: ColumnAlignment) -> String {
    let missing = max(0, width - displayWidth)
    let before =
      switch alignment {
      case .leading: 0
      case .centre: missing / 2
      case .trailing: missing
      }
    return String(repeating: " ", count: before) + self
      + String(repeating: " ", count: missing - before)
  }
}

extension Unicode.Scalar {
  fileprivate var displayWidth: Int {
    if value < 0x300 { return 1 }
    switch properties.generalCategory {
    case .nonspacingMark, .enclosingMark, .format: return 0
    default: break
    }
    let wide: [ClosedRange<UInt32>] = [
      0x1100...0x115F, 0x2E80...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F,
      0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1F64F, 0x1F900...0x1F9FF, 0x20000...0x3FFFD,
    ]
    return wide.contains { $0.contains(value) } ? 2 : 1
  }
}
