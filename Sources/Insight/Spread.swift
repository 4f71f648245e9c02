/// The middle of some numbers, and between which the middle half of them lies.
package struct Spread: Sendable, Hashable, Codable {
  /// The median.
  package let median: Double
  /// A quarter of the numbers is at most this.
  package let lower: Double
  /// A quarter of the numbers is at least this.
  package let upper: Double

  /// Looks at some numbers, interpolating between neighbours; `nil` without any.
  package init?(_ values: [Double]) {
    let sorted = values.sorted()
    guard !sorted.isEmpty else { return nil }
    func quantile(_ share: Double) -> Double {
      let place = share * Double(sorted.count - 1)
      let (low, part) = (Int(place), place - place.rounded(.down))
      // Infinite neighbours have no middle.
      guard part > 0 else { return sorted[low] }
      return sorted[low] * (1 - part) + sorted[low + 1] * part
    }
    median = quantile(0.5)
    lower = quantile(0.25)
    upper = quantile(0.75)
  }
}
