/// Where the cells of a table's column stand.
public enum ColumnAlignment: Hashable, Sendable {
  /// At the left edge, for words.
  case leading

  /// In the middle, for marks.
  case centre

  /// At the right edge, for numbers.
  case trailing
}
