/// A batch that did not fit in memory, and what was done about it.
public struct BatchSplit: Sendable, CustomStringConvertible {
  /// The examples of the batch that did not fit.
  public let asked: Int
  /// The bytes that it needs.
  public let needed: Int
  /// The bytes that there were.
  public let available: Int
  /// The most examples that are passed at once instead.
  public let largest: Int

  /// One line that says so.
  public var description: String {
    "\(asked) examples at once need \(needed) bytes of memory, and \(available) are available; "
      + "passing at most \(largest) at once"
  }
}
