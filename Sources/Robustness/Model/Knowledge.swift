/// What a model reveals, and what an attack needs: each level includes those before it.
public enum Knowledge: Int, Comparable, Sendable, CaseIterable {
  /// The decision alone.
  case labels
  /// The outputs.
  case scores
  /// The gradient of a function of the outputs with respect to the input.
  case gradients
  /// The network itself, operator by operator.
  case graph

  /// Whether the left side reveals less than the right side.
  public static func < (left: Knowledge, right: Knowledge) -> Bool {
    left.rawValue < right.rawValue
  }
}
