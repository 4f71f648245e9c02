/// The values that a coordinate may take once an input is saved, such as the 256 of an 8-bit image.
public struct Levels: Sendable, Hashable {
  /// The values, strictly ascending.
  public let values: [Float]

  /// Takes values in ascending order, two at least.
  ///
  /// - Precondition: They ascend strictly and are finite.
  public init(_ values: [Float]) {
    precondition(
      values.count > 1 && zip(values, values.dropFirst()).allSatisfy { $0 < $1 }
        && values.allSatisfy(\.isFinite), "levels must ascend")
    self.values = values
  }

  /// The levels byte / 255.
  public static let unit = Levels((0...255).map { Float($0) / 255 })

  /// The position of the level nearest to a value, of two the lower; 0 for NaN.
  func nearest(to value: Float) -> Int {
    let next = first(atLeast: value)
    guard next < values.count else { return values.count - 1 }
    guard next > 0 else { return 0 }
    let below = Double(value) - Double(values[next - 1])
    return below <= Double(values[next]) - Double(value) ? next - 1 : next
  }

  /// The position of the first level that is not below a value; the number of levels if there is none.
  func first(atLeast value: Float) -> Int {
    guard value > values[0] else { return 0 }
    guard value <= values[values.count - 1] else { return values.count }
    // Levels are evenly spread as a rule, so that the guess is off by one at most.
    let share = (value - values[0]) / (values[values.count - 1] - values[0])
    var place = min(max(Int(share * Float(values.count - 1)), 0), values.count - 1)
    while place > 0, values[place - 1] >= value { place -= 1 }
    while values[place] < value { place += 1 }
    return place
  }

  /// Whether a value is a level.
  func contains(_ value: Float) -> Bool {
    let place = first(atLeast: value)
    return place < values.count && values[place] == value
  }
}
