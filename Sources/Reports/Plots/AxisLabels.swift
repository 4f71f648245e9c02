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
