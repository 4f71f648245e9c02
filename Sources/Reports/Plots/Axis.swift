/// One axis of a plot: what it measures, how far it reaches and how its numbers read.
public struct Axis: Hashable, Sendable {
  /// How numbers become places.
  public enum Scale: Hashable, Sendable {
    /// Equal differences are equally far apart.
    case linear

    /// Equal ratios are equally far apart; numbers not above zero are left out.
    case logarithmic
  }

  /// What the axis measures, with its unit.
  public var label: String

  /// The first and last number shown; nil chooses round numbers around the data.
  public var range: ClosedRange<Double>?

  /// How numbers become places.
  public var scale: Scale

  /// How numbers are written.
  public var style: NumberStyle

  /// Creates an axis.
  ///
  /// - Parameters:
  ///   - label: What the axis measures, with its unit.
  ///   - range: The first and last number shown, of positive length and above zero if logarithmic;
  ///     traps otherwise.
  ///   - scale: How numbers become places.
  ///   - style: How numbers are written.
  public init(
    _ label: String, range: ClosedRange<Double>? = nil, scale: Scale = .linear,
    style: NumberStyle = .automatic
  ) {
    if let range {
      precondition(
        range.lowerBound < range.upperBound && (range.upperBound - range.lowerBound).isFinite,
        "an axis from \(range) has no length")
      precondition(
        scale == .linear || range.lowerBound > 0, "a logarithmic axis needs positive numbers")
    }
    self.label = label
    self.range = range
    self.scale = scale
    self.style = style
  }
}

extension Axis {
  func accepts(_ value: Double) -> Bool { value.isFinite && (scale == .linear || value > 0) }

  /// The range asked for, or round numbers around the data; always of positive length.
  func resolvedRange(_ data: [Double]) -> ClosedRange<Double> {
    if let range { return range }
    let values = data.filter(accepts)
    guard let least = values.min(), let greatest = values.max() else {
      return scale == .linear ? 0...1 : 1...10
    }
    switch scale {
    case .linear:
      var range = least...greatest
      // A flat line is drawn in the middle of its surroundings.
      if !(greatest - least > max(1e-300, 1e-9 * max(abs(least), abs(greatest)))) {
        let margin = abs(least) > 1e-299 ? abs(least) / 2 : 1
        range = (least - margin)...(greatest + margin)
      }
      guard (range.upperBound - range.lowerBound).isFinite else {
        return -Double.greatestFiniteMagnitude / 4...Double.greatestFiniteMagnitude / 4
      }
      return Ticks.roundRange(around: range)
    case .logarithmic:
      if least < greatest { return least...greatest }
      let lower = max(least / 2, .leastNonzeroMagnitude)
      return lower...min(max(least, lower) * 2, .greatestFiniteMagnitude)
    }
  }

  func ticks(_ range: ClosedRange<Double>, count: Int) -> [Double] {
    scale == .linear
      ? Ticks.linear(range, count: count).values : Ticks.logarithmic(range).values
  }
}
