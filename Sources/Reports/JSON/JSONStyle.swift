/// How JSON is laid out.
public enum JSONStyle: Hashable, Sendable {
  /// Without any white space.
  case compact

  /// Indented by two spaces, with lists of plain values on one line and a newline at the end.
  case pretty
}
