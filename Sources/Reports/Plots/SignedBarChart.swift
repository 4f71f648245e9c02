/// Horizontal bars to both sides of zero, with their values at the end: red to the right, blue to the left.
public struct SignedBarChart: Plot, Hashable {
  /// One bar.
  public struct Bar: Hashable, Sendable {
    /// What the bar stands for.
    public var label: String

    /// Its length and side; a value that is not finite draws no bar.
    public var value: Double

    /// Creates a bar.
    public init(_ label: String, _ value: Double) {
      self.label = label
      self.value = value
    }
  }

  /// What the chart shows.
  public var title: String

  /// The bars from top to bottom.
  public var bars: [Bar]

  /// Creates a chart.
  ///
  /// - Parameters:
  ///   - title: What the chart shows.
  ///   - bars: The bars from top to bottom.
  public init(title: String, bars: [Bar]) {
    self.title = title
    self.bars = bars
  }

  /// Draws the chart.
  public func drawing(_ format: PlotFormat) -> Drawing {
    let values = bars.map { Format.significant($0.value, digits: 3) }
    let sizes = bars.map { $0.value.isFinite ? abs($0.value) : 0 }
    let most = sizes.max() ?? 0
    let full = most > 0 ? most : 1
    let labelWidth = bars.map { Canvas.width(of: $0.label) }.max() ?? 0
    let valueWidth = values.map { Canvas.width(of: $0) }.max() ?? 0
    // Where labels would take a third of the room they stand above their bars.
    let isStacked = labelWidth > format.width * 0.34
    let left = (isStacked ? 0 : labelWidth + 12) + valueWidth + 8
    let room = max(40, format.width - left - valueWidth - 8)
    let rowHeight = isStacked ? 46.0 : 28.0
    let middle = left + room / 2

    let start = Canvas.titleHeight(title, format) + 12
    var canvas = Canvas()
    canvas.title(title, format)
    for (index, bar) in bars.enumerated() {
      let top = start + Double(index) * rowHeight + (isStacked ? 19 : 0)
      if isStacked {
        canvas.text(bar.label, x: 0, y: top - 6, "plot-name")
      } else {
        canvas.text(bar.label, x: labelWidth, y: top + 12.5, "plot-name", anchor: .end)
      }
      let length = sizes[index] / full * room / 2
      let isNegative = bar.value < 0
      canvas.bar(
        x: isNegative ? middle - length : middle, y: top, width: length, height: 16,
        color: isNegative ? .blue : .vermilion)
      canvas.text(
        values[index], x: isNegative ? middle - length - 6 : middle + length + 6, y: top + 12.5,
        "plot-tick", anchor: isNegative ? .end : .start)
    }
    let height = start + Double(bars.count) * rowHeight
    canvas.line(
      from: (middle, start - 4), to: (middle, height - (isStacked ? 2 : 6)), "plot-axis")
    return Drawing(
      title: title,
      description: zip(bars, values).map { "\($0.label): \($1)" }.joined(separator: ". "),
      format: format, height: height, shapes: canvas.shapes)
  }
}
