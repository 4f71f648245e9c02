extension Table {
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
}
