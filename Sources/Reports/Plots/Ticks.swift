/// Round numbers at which an axis is labelled.
public struct Ticks: Hashable, Sendable {
  /// The numbers in ascending order, all within the range asked for.
  public let values: [Double]

  /// Multiples of 1, 2 or 5 times a power of ten, evenly spaced.
  ///
  /// - Parameters:
  ///   - range: A finite range with a positive length.
  ///   - count: How many are wanted, at least 2.
  /// - Returns: Between half and twice as many ticks, unless Double cannot tell them apart.
  public static func linear(_ range: ClosedRange<Double>, count: Int = 5) -> Ticks {
    let step = Step(covering: range, count: count)
    guard let first = step.index(range.lowerBound, .up),
      let last = step.index(range.upperBound, .down)
    else { return Ticks(values: [range.lowerBound, range.upperBound]) }
    let values = first <= last ? (first...last).map(step.value(at:)) : []
    return Ticks(values: values.filter(range.contains))
  }

  /// Powers of ten, with 2 and 5 times them where fewer than three fall into the range.
  ///
  /// - Parameter range: A finite range above zero with a positive length.
  /// - Returns: At least one tick, and at most eight powers of ten.
  public static func logarithmic(_ range: ClosedRange<Double>) -> Ticks {
    precondition(range.lowerBound > 0, "a logarithmic axis needs positive numbers")
    func values(_ mantissas: [Double]) -> [Double] {
      (-308...308).flatMap { exponent in
        mantissas.map { Step(mantissa: $0, exponent: exponent).value(at: 1) }
      }.filter(range.contains)
    }
    let powers = values([1])
    if powers.count >= 3 {
      let stride = (powers.count + 7) / 8
      return Ticks(values: powers.enumerated().filter { $0.offset % stride == 0 }.map(\.element))
    }
    let more = values([1, 2, 5])
    return more.count >= 2 ? Ticks(values: more) : linear(range)
  }

  /// The smallest range of round numbers around the values; at least one unit of the last place
  /// wide.
  package static func roundRange(
    around range: ClosedRange<Double>, count: Int = 5
  ) -> ClosedRange<Double> {
    let step = Step(covering: range, count: count)
    guard let first = step.index(range.lowerBound, .down),
      let last = step.index(range.upperBound, .up)
    else { return range }
    let (lower, upper) = (step.value(at: first), step.value(at: last))
    return lower < upper && (upper - lower).isFinite ? lower...upper : range
  }
}
