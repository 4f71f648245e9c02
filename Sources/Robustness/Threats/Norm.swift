/// The norm that measures a perturbation.
public enum Norm: String, Sendable, Hashable, CaseIterable {
  /// The largest magnitude.
  case infinity = "linf"
  /// The Euclidean length.
  case two = "l2"
}
