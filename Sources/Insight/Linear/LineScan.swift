import Tensors

/// A function along a line at evenly spaced places, and how far it is from straight.
package struct LineScan: Sendable, Hashable, Codable {
  /// The places, ascending, with equal distances.
  package let places: [Double]
  /// The values of the function there.
  package let values: [Double]

  /// Creates a scan.
  ///
  /// - Precondition: As many values as places, at least three.
  package init(places: [Double], values: [Double]) {
    precondition(places.count == values.count && places.count >= 3, "a scan of too few places")
    self.places = places
    self.values = values
  }

  /// The local linearity: how much of the values' variance the best straight line explains, 0 to 1.
  ///
  /// A constant function counts as 1.
  package var linearity: Double {
    let whole = residual
    let mean = values.reduce(0, +) / Double(values.count)
    let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    return variance > 0 ? max(0, 1 - whole / variance) : 1
  }

  /// How far a straight line of a given slope through a place is from the values, at most.
  ///
  /// - Parameters:
  ///   - slope: The derivative there.
  ///   - middle: The place, by its number.
  /// - Returns: The distance as a share of the largest change of the function from there; 0 for a function that does not
  ///   change.
  package func tangentError(slope: Double, at middle: Int) -> Double {
    let (x, y) = (places[middle], values[middle])
    var (error, change) = (0.0, 0.0)
    for (place, value) in zip(places, values) {
      error = max(error, abs(value - y - slope * (place - x)))
      change = max(change, abs(value - y))
    }
    return change > 0 ? error / change : error > 0 ? .infinity : 0
  }

  /// The places that the fewest joined straight pieces need as their ends so that no value is farther from them than a
  /// share of the range of the values.
  ///
  /// Pieces join values of the function, as those of a network of ReLUs do. Exact by dynamic programming, in time that
  /// grows with the cube of the number of places.
  package func knots(within share: Double) -> [Int] {
    guard let least = values.min(), let most = values.max() else { return [] }
    let tolerance = share * (most - least)
    let last = places.count - 1
    var pieces = [Int](repeating: .max, count: places.count)
    var before = [Int](repeating: 0, count: places.count)
    pieces[0] = 0
    for end in 1...last {
      for start in 0..<end
      where pieces[start] < .max && pieces[start] + 1 < pieces[end]
        && isStraight(start, end, tolerance)
      {
        pieces[end] = pieces[start] + 1
        before[end] = start
      }
    }
    var knots = [last]
    while let first = knots.first, first > 0 { knots.insert(before[first], at: 0) }
    return knots
  }

  private func isStraight(_ start: Int, _ end: Int, _ tolerance: Double) -> Bool {
    let slope = (values[end] - values[start]) / (places[end] - places[start])
    return (start...end).allSatisfy { place in
      abs(values[place] - values[start] - slope * (places[place] - places[start]))
        <= tolerance + 1e-12 * abs(values[place])
    }
  }

  /// The sum of squares that the best straight line leaves.
  private var residual: Double {
    let count = Double(places.count)
    let (meanX, meanY) = (places.reduce(0, +) / count, values.reduce(0, +) / count)
    var (xx, xy) = (0.0, 0.0)
    for (place, value) in zip(places, values) {
      xx += (place - meanX) * (place - meanX)
      xy += (place - meanX) * (value - meanY)
    }
    let slope = xx > 0 ? xy / xx : 0
    return zip(places, values).reduce(0) { sum, point in
      let error = point.1 - meanY - slope * (point.0 - meanX)
      return sum + error * error
    }
  }
}
