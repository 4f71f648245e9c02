/// What an attack looks for.
public enum Search: Sendable, Hashable {
  /// The point of the threat with the largest loss.
  case largestLoss
  /// The nearest point at which the goal is reached.
  case nearest
}
