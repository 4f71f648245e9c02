/// What is asked about an example.
public enum Question: Sendable, Hashable {
  /// Whether the goal can be reached inside the threat; a search may stop as soon as it is.
  case inside
  /// How near to the example it can be reached, however far that is.
  case nearest
}
