extension Dataset {
  /// Spreads values that are within a range over another.
  static func spread(
    _ values: UnsafeMutableBufferPointer<Float>, from range: ClosedRange<Float>,
    over bounds: ClosedRange<Float>
  ) {
    guard range != bounds else { return }
    // In double precision, so that the ends come out exactly.
    let scale =
      (Double(bounds.upperBound) - Double(bounds.lowerBound))
      / (Double(range.upperBound) - Double(range.lowerBound))
    for index in values.indices {
      let value =
        Double(bounds.lowerBound) + (Double(values[index]) - Double(range.lowerBound)) * scale
      values[index] = min(max(Float(value), bounds.lowerBound), bounds.upperBound)
    }
  }
}
