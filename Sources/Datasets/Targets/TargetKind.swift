/// The ways in which the targets of examples are given.
public enum TargetKind: String, Hashable, Sendable, CaseIterable {
  /// One class for each example.
  case classes
  /// Several labels for each example, each of which applies or does not.
  case multiLabel = "multi-label"
  /// Numbers for each example, as a regression predicts them.
  case numbers

  /// What an example has, for messages.
  public var words: String {
    switch self {
    case .classes: "a class"
    case .multiLabel: "several labels, each 0 or 1"
    case .numbers: "real numbers as targets"
    }
  }
}
