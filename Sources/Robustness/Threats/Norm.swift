/// The norm that measures a perturbation.
public enum Norm: String, Sendable, Hashable, CaseIterable {
  /// The largest magnitude.
  case infinity = "linf"
  /// The Euclidean length.
  case two = "l2"
  /// The sum of magnitudes.
  case one = "l1"
  /// The number of pixels that differ: places of a C x H x W example, whatever the channel; single values of other
  /// examples.
  case zero = "l0"
}
