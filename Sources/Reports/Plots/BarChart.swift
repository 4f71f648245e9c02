/// Horizontal bars with their values at the end, from zero to the right.
public struct BarChart: Plot, Hashable {
  /// One bar.
  public struct Bar: Hashable, Sendable {
    /// What the bar stands for.
    public var label: String

    /// Its length, at least zero; a value that is not draws no bar.
    public var value: Double

    /// The end of a fainter continuation, where the truth lies between two bounds.
    public var upperBound: Double?

    /// The colour; nil takes the first of the palette.
    public var color: PlotColor?

    /// Creates a bar.
    public init(
      _ label: String, _ value: Double, upTo upperBound: Double? = nil, color: PlotColor? = nil
    ) {
      self.label = label
      self.value = value
      self.upperBound = upperBound
      self.color = color
    }
  }

  /// What the chart shows.
  public var title: String

  /// The bars from top to bottom.
  public var bars: [Bar]

  /// How values are written.
  public var style: NumberStyle

  /// The value of a bar over the whole width; nil takes the largest value.
  public var limit: Double?

  /// Creates a chart.
  ///
  /// - Parameters:
  ///   - title: What the chart shows.
  ///   - bars: The bars from top to bottom.
  ///   - style: How values are written.
  ///   - limit: The value of a bar over the whole width, above zero; nil takes the largest value.
  public init(
    title: String, bars: [Bar], style: NumberStyle = .automatic, limit: Double? = nil
  ) {
    precondition(limit.map { $0 > 0 && $0.isFinite } ?? true, "limit \(limit ?? 0) is not positive")
    self.title = title
    self.bars = bars
    self.style = style
    self.limit = limit
  }

  /// Draws the chart.
  public func drawing(_ format: PlotFormat) -> Drawing {
    let values = bars.map(text)
    let longest = bars.flatMap { [$0.value, $0.upperBound ?? 0] }.filter(\.isFinite).max() ?? 0
    let full = limit ?? (longest > 0 ? longest : 1)
    let labelWidth = bars.map { Canvas.width(of: $0.label) }.max() ?? 0
    let valueWidth = values.map { Canvas.width(of: $0) }.max() ?? 0
    // Where labels would take half of the room they stand above their bars.
    let isStacked = labelWidth > format.width * 0.4
    let left = isStacked ? 0 : labelWidth + 12
    let room = max(40, format.width - left - valueWidth - 10)
    let rowHeight = isStacked ? 46.0 : 30.0

    let start = Canvas.titleHeight(title, format) + 12
    var canvas = Canvas()
    canvas.title(title, format)
    for (index, bar) in bars.enumerated() {
      let top = start + Double(index) * rowHeight + (isStacked ? 19 : 0)
      let color = bar.color ?? .blue
      if isStacked {
        canvas.text(bar.label, x: 0, y: top - 6, "plot-name")
      } else {
        canvas.text(bar.label, x: labelWidth, y: top + 13.5, "plot-name", anchor: .end)
      }
      func length(_ value: Double) -> Double {
        value.isFinite ? min(max(value, 0), full) / full * room : 0
      }
      let end = max(length(bar.value), length(bar.upperBound ?? 0))
      if end > length(bar.value) {
        canvas.bar(x: left, y: top, width: end, height: 18, color: color, isFaint: true)
      }
      canvas.bar(x: left, y: top, width: length(bar.value), height: 18, color: color)
      canvas.text(values[index], x: left + end + 8, y: top + 13.5, "plot-tick")
    }
    // Labels above their bars would cross it.
    if !isStacked {
      canvas.line(
        from: (left, start - 4), to: (left, start + Double(bars.count) * rowHeight - 8), "plot-axis"
      )
    }
    let description = zip(bars, values).map { "\($0.label): \($1)." }.joined(separator: " ")
    return Drawing(
      title: title, description: description, format: format,
      height: start + Double(bars.count) * rowHeight, shapes: canvas.shapes)
  }

  private func text(_ bar: Bar) -> String {
    guard let upper = bar.upperBound, upper > bar.value else { return style.string(bar.value) }
    return "\(style.string(bar.value)) – \(style.string(upper))"
  }
}
