/// The times by which a campaign watches its rows.
enum Watch {
  /// The milliseconds between two looks.
  static let tick = 10

  /// The ticks after which nobody waits for a row that computes without asking.
  static let patience = 5

  /// The ticks that a row gets to end once the run is ending.
  static let grace = 100

  /// The number of stalls after which the attack is not tried on further examples: each may hold a
  /// thread for good, which no one can take back.
  static let stallCount = 64
}
