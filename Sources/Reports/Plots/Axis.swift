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

/// Chooses one form for all the numbers of an axis, so that they differ and line up.
enum AxisLabels {
  static func strings(_ values: [Double], _ axis: Axis) -> [String] {
    switch axis.style {
    case .automatic:
      let shortest = values.map(Format.shortest)
      if shortest.contains(where: { $0.contains("e") }) { return values.map(scientific) }
      if axis.scale == .logarithmic { return shortest }
      let decimals = shortest.map { text in
        text.firstIndex(of: ".").map { text.distance(from: $0, to: text.endIndex) - 1 } ?? 0
      }
      return values.map { Format.fixed($0, decimals: decimals.max() ?? 0) }
    case .fixed(let decimals):
      return distinct(values, decimals) { Format.fixed($0, decimals: $1) }
    case .percent(let decimals):
      return distinct(values, decimals) { Format.percent($0, decimals: $1) }
    }
  }

  /// Adds decimals until no two ticks read the same.
  private static func distinct(
    _ values: [Double], _ decimals: Int, _ string: (Double, Int) -> String
  ) -> [String] {
    var strings = values.map { string($0, decimals) }
    for more in 0..<6 {
      strings = values.map { string($0, decimals + more) }
      let isBounded = strings.contains { $0.hasPrefix("<") || $0.hasPrefix(">") }
      if Set(strings).count == strings.count, !isBounded { break }
    }
    return strings
  }

  /// A number such as `2 × 10⁻⁵`.
  private static func scientific(_ value: Double) -> String {
    let parts = value.magnitude.description.split(separator: "e")
    guard value != 0, parts.count == 2, let exponent = Int(parts[1]) else {
      return Format.shortest(value)
    }
    let raised = String(exponent).map { character -> Character in
      switch character {
      case "-": "⁻"
      case "1": "¹"
      case "2": "²"
      case "3": "³"
      case "4": "⁴"
      case "5": "⁵"
      case "6": "⁶"
      case "7": "⁷"
      case "8": "⁸"
      case "9": "⁹"
      default: "⁰"
      }
    }
    let mantissa = parts[0].hasSuffix(".0") ? parts[0].dropLast(2) : parts[0]
    return (value < 0 ? "-" : "") + (mantissa == "1" ? "" : mantissa + " × ") + "10"
      + String(raised)
  }
}

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

  /// A round distance, kept as mantissa and power of ten so that its multiples are the shortest
  /// decimals.
  struct Step {
    let mantissa: Double
    let exponent: Int

    init(mantissa: Double, exponent: Int) {
      self.mantissa = mantissa
      self.exponent = exponent
    }

    init(covering range: ClosedRange<Double>, count: Int) {
      let length = range.upperBound - range.lowerBound
      precondition(length > 0 && length.isFinite, "an axis from \(range) has no length")
      let raw = length / Double(max(2, count))
      var exponent = Step.floorLog10(raw)
      let fraction = raw / Step.power(exponent)
      var mantissa: Double
      if fraction < 1.5 {
        mantissa = 1
      } else if fraction < 3.5 {
        mantissa = 2
      } else {
        mantissa = 5
      }
      if fraction >= 7.5 {
        mantissa = 1
        exponent += 1
      }
      self.init(mantissa: mantissa, exponent: exponent)
    }

    func value(at index: Int) -> Double {
      let whole = Double(index) * mantissa
      // Dividing by an exact power rounds once; multiplying by 0.1 would round twice.
      return exponent < 0 && exponent >= -22
        ? whole / Step.power(-exponent) : whole * Step.power(exponent)
    }

    /// The multiple next to a value, or nil where multiples are too large to count.
    func index(_ value: Double, _ rounding: FloatingPointRoundingRule) -> Int? {
      let quotient =
        exponent < 0 && exponent >= -22
        ? value * Step.power(-exponent) / mantissa : value / Step.power(exponent) / mantissa
      let nearest = quotient.rounded()
      // A bound such as 0.3 may miss its multiple by a rounding error.
      let isNear = abs(quotient - nearest) < 1e-9 * max(1, abs(quotient))
      let chosen = isNear ? nearest : quotient.rounded(rounding)
      return abs(chosen) < 1e15 ? Int(chosen) : nil
    }

    private static func floorLog10(_ value: Double) -> Int {
      // One below an estimate from the binary exponent, from which a step or two remain.
      let estimate = value > 0 ? Int((Double(value.exponent) * 0.301_03).rounded(.down)) - 1 : -323
      var exponent = max(-323, estimate)
      while exponent < 308, power(exponent + 1) <= value { exponent += 1 }
      return exponent
    }

    /// The Double nearest to a power of ten.
    static func power(_ exponent: Int) -> Double { Double("1e\(exponent)") ?? 0 }
  }
}
