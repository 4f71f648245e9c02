/// What an attack promises on models it should solve; its contract tests hold it to that.
public enum Guarantee: Sendable, Hashable {
  /// On affine models with two classes it finds the largest margin inside the threat, up to
  /// rounding.
  case exact
  /// On affine models with two classes its gain in margin is at least the best one divided by this
  /// factor; for attacks that look for the nearest point, its distance is at most the least one times the factor.
  case within(Double)
  /// Nothing.
  case none
}
