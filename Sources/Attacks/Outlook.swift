/// What may still come of a search that climbs towards zero: whether it should be given up because it will not get there
/// in time.
///
/// It will not if it stays below zero though it goes on four times as fast as since half of what was spent so far. A
/// search that has not moved since then is never given up: its landscape is flat, and says nothing of what is to come.
struct Outlook {
  private var seen: [(spent: Int, value: Double)] = []

  /// Begins with the value of the start.
  init(start value: Double) { seen = [(0, value)] }

  /// Notes the best value after so many steps.
  ///
  /// - Returns: Whether the search should be given up.
  mutating func isHopeless(at value: Double, after spent: Int, of budget: Int) -> Bool {
    defer { seen.append((spent, value)) }
    guard value < 0, let before = seen.last(where: { 2 * $0.spent <= spent }) else { return false }
    let gain = value - before.value
    guard gain > 0, gain.isFinite else { return false }
    let left = Double(budget - spent) / Double(spent - before.spent)
    return value + 4 * gain * left < 0
  }
}
