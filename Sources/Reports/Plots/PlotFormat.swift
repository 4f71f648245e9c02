/// How much room a plot has.
public enum PlotFormat: Hashable, Sendable {
  /// 704 units wide, the measure of a page.
  case wide

  /// 368 units wide, with text as large as in the wide format, for phones and narrow columns.
  case narrow

  var width: Double { self == .wide ? 704 : 368 }
}
