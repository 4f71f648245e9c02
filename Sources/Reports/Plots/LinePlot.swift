/// Lines over two axes, such as accuracy against the radius of an attack.
///
///     let plot = LinePlot(
///       title: "Accuracy under PGD", x: Axis("radius"),
///       y: Axis("accuracy", range: 0...1, style: .percent(decimals: 0)),
///       series: [.init("standard", points)], rule: .init(at: 0.3, label: "eps = 0.3"))
public struct LinePlot: Plot, Hashable {
  /// What the plot shows.
  public var title: String

  /// The horizontal axis.
  public var x: Axis

  /// The vertical axis.
  public var y: Axis

  /// The lines, drawn in this order.
  public var series: [Series]

  /// A vertical line that marks one number of the horizontal axis.
  public var rule: Rule?

  /// Creates a plot.
  ///
  /// - Parameters:
  ///   - title: What the plot shows.
  ///   - x: The horizontal axis.
  ///   - y: The vertical axis.
  ///   - series: The lines, drawn in this order.
  ///   - rule: A vertical line that marks one number of the horizontal axis.
  public init(title: String, x: Axis, y: Axis, series: [Series], rule: Rule? = nil) {
    self.title = title
    self.x = x
    self.y = y
    self.series = series
    self.rule = rule
  }

  /// Draws the plot.
  public func drawing(_ format: PlotFormat) -> Drawing { LinePlotRenderer(self, format).render() }

  /// A point of a line, with the range in which the true value is believed to lie.
  public struct Point: Hashable, Sendable {
    /// The place on the horizontal axis.
    public var x: Double

    /// The place on the vertical axis; the line breaks at a number that is not finite.
    public var y: Double

    /// The error band at this point, if there is one.
    public var band: ClosedRange<Double>?

    /// Creates a point.
    public init(_ x: Double, _ y: Double, band: ClosedRange<Double>? = nil) {
      self.x = x
      self.y = y
      self.band = band
    }
  }

  /// A named line.
  public struct Series: Hashable, Sendable {
    /// The name, written at the line's end or in a legend.
    public var name: String

    /// The points in the order in which they are joined.
    public var points: [Point]

    /// The colour; nil takes the next of the palette.
    public var color: PlotColor?

    /// Whether the line is dashed, as bounds and references usually are.
    public var isDashed: Bool

    /// Whether each point has a dot.
    public var hasMarkers: Bool

    /// Creates a line.
    public init(
      _ name: String, _ points: [Point], color: PlotColor? = nil, isDashed: Bool = false,
      hasMarkers: Bool = false
    ) {
      self.name = name
      self.points = points
      self.color = color
      self.isDashed = isDashed
      self.hasMarkers = hasMarkers
    }
  }

  /// A labelled vertical line.
  public struct Rule: Hashable, Sendable {
    /// The place on the horizontal axis; nothing is drawn outside its range.
    public var value: Double

    /// What the place means, such as `eps = 0.3`.
    public var label: String

    /// Creates a rule.
    public init(at value: Double, label: String) {
      self.value = value
      self.label = label
    }
  }
}

/// Lays out and draws one `LinePlot`.
struct LinePlotRenderer {
  private let plot: LinePlot
  private let format: PlotFormat
  private var frame: PlotFrame
  private var names: EndLabels?
  private var legendRows: [[Int]] = []
  private var isRuleBesideLabel = true

  private let gap = 14.0
  private var height: Double { format == .wide ? 400 : 330 }
  private var titleHeight: Double { Canvas.titleHeight(plot.title, format) }

  init(_ plot: LinePlot, _ format: PlotFormat) {
    self.plot = plot
    self.format = format
    let points = plot.series.flatMap(\.points)
    var heights = points.map(\.y)
    for band in points.compactMap(\.band) { heights += [band.lowerBound, band.upperBound] }
    frame = PlotFrame(
      x: plot.x, y: plot.y, xRange: plot.x.resolvedRange(points.map(\.x)),
      yRange: plot.y.resolvedRange(heights))
    layOut()
  }

  func color(_ index: Int) -> PlotColor { plot.series[index].color ?? .automatic(index) }

  private var yTicks: [Double] { plot.y.ticks(frame.yRange, count: 5) }
  private var xTicks: [Double] { plot.x.ticks(frame.xRange, count: format == .wide ? 8 : 4) }

  private mutating func layOut() {
    let tickWidth = AxisLabels.strings(yTicks, plot.y).map { Canvas.width(of: $0) }.max() ?? 0
    frame.left = (tickWidth + 10).rounded()
    frame.bottom = height - (plot.x.label.isEmpty ? 26 : 48)
    let named = plot.series.indices.filter { !plot.series[$0].name.isEmpty }
    let widest = named.map { Canvas.width(of: plot.series[$0].name) }.max() ?? 0

    frame.right = format.width - (named.isEmpty ? 14 : gap + 4 + widest)
    frame.top = titleHeight + 40
    placeRule()
    let ends = named.compactMap { index -> EndLabels.Label? in
      guard let end = plot.series[index].points.compactMap(frame.place).last,
        end.x >= frame.right - 4, end.x <= frame.right + 1,
        end.y >= frame.top - 1, end.y <= frame.bottom + 1
      else { return nil }
      return .init(name: plot.series[index].name, color: color(index), end: end, y: end.y)
    }
    if ends.count == named.count, widest <= format.width * 0.3 {
      names = EndLabels(ends, top: frame.top, bottom: frame.bottom)
    }
    guard names == nil, !named.isEmpty else { return }

    frame.right = format.width - 14
    var used = 0.0
    for index in named {
      let width = 32 + Canvas.width(of: plot.series[index].name) + 18
      if legendRows.isEmpty || used + width > format.width {
        legendRows.append([])
        used = 0
      }
      legendRows[legendRows.count - 1].append(index)
      used += width
    }
    frame.top = titleHeight + 40 + Double(legendRows.count) * 20
    placeRule()
  }

  /// The rule's label stands on the line of the axis label unless they would touch.
  private mutating func placeRule() {
    isRuleBesideLabel = true
    guard let rule = plot.rule else { return }
    let half = Canvas.width(of: rule.label) / 2
    if frame.place(x: rule.value) - half < Canvas.width(of: plot.y.label) + 12 {
      isRuleBesideLabel = false
      frame.top += 18
    }
  }

  func render() -> Drawing {
    var canvas = Canvas()
    canvas.title(plot.title, format)
    drawLegend(&canvas)
    drawAxes(&canvas)
    drawRule(&canvas)
    canvas.window(
      x: frame.left - 5, y: frame.top - 5, width: frame.right - frame.left + 10,
      height: frame.bottom - frame.top + 10
    ) { window in
      for index in plot.series.indices { drawBand(index, &window) }
      for index in plot.series.indices { drawLine(index, &window) }
    }
    for label in names?.labels ?? [] {
      canvas.path(
        [(label.end.x + 4, label.end.y), (frame.right + gap - 2, label.y)], "plot-leader",
        color: label.color)
      canvas.text(
        label.name, x: frame.right + gap, y: label.y + 4.5, "plot-name", color: label.color)
    }
    return Drawing(
      title: plot.title, description: description, format: format, height: height,
      shapes: canvas.shapes)
  }

  private var description: String {
    plot.series.compactMap { series in
      let shown = series.points.filter { frame.place($0) != nil }
      guard let first = shown.first, let last = shown.last else { return nil }
      func text(_ point: LinePlot.Point) -> String {
        "\(string(point.y, plot.y)) at \(string(point.x, plot.x))"
      }
      let name = series.name.isEmpty ? "line" : series.name
      return "\(name): from \(text(first)) to \(text(last))."
    }.joined(separator: " ")
  }

  /// A number of an axis, in as many digits as can be told apart.
  private func string(_ value: Double, _ axis: Axis) -> String {
    axis.style == .automatic ? Format.significant(value, digits: 4) : axis.style.string(value)
  }

  private func drawLegend(_ canvas: inout Canvas) {
    for (row, indices) in legendRows.enumerated() {
      var x = 0.0
      let y = titleHeight + 15 + Double(row) * 20
      for index in indices {
        let series = plot.series[index]
        let cssClass = series.isDashed ? "plot-line plot-dashed" : "plot-line"
        canvas.path([(x, y - 4.5), (x + 24, y - 4.5)], cssClass, color: color(index))
        if series.hasMarkers { canvas.dot(x: x + 12, y: y - 4.5, color: color(index)) }
        canvas.text(series.name, x: x + 32, y: y, "plot-name")
        x += 32 + Canvas.width(of: series.name) + 18
      }
    }
  }

  private func drawAxes(_ canvas: inout Canvas) {
    let labelY = frame.top - (isRuleBesideLabel ? 16 : 34)
    if !plot.y.label.isEmpty { canvas.text(plot.y.label, x: 0, y: labelY, "plot-label") }
    for (value, text) in zip(yTicks, AxisLabels.strings(yTicks, plot.y)) {
      let y = frame.place(y: value)
      canvas.line(from: (frame.left, y), to: (frame.right, y), "plot-grid")
      canvas.text(text, x: frame.left - 9, y: y + 4.5, "plot-tick", anchor: .end)
    }
    canvas.line(
      from: (frame.left, frame.bottom), to: (frame.right, frame.bottom), "plot-axis")
    for (value, text) in zip(xTicks, AxisLabels.strings(xTicks, plot.x)) {
      let x = frame.place(x: value)
      canvas.line(from: (x, frame.bottom), to: (x, frame.bottom + 5), "plot-axis")
      canvas.text(text, x: x, y: frame.bottom + 19, "plot-tick", anchor: .middle)
    }
    guard !plot.x.label.isEmpty else { return }
    canvas.text(
      plot.x.label, x: (frame.left + frame.right) / 2, y: frame.bottom + 41, "plot-label",
      anchor: .middle)
  }

  private func drawRule(_ canvas: inout Canvas) {
    guard let rule = plot.rule, plot.x.accepts(rule.value), frame.xRange.contains(rule.value) else {
      return
    }
    let x = frame.place(x: rule.value)
    canvas.line(from: (x, frame.top - 10), to: (x, frame.bottom), "plot-rule")
    let half = Canvas.width(of: rule.label) / 2
    let center = max(half, min(x, format.width - half))
    canvas.text(rule.label, x: center, y: frame.top - 16, "plot-name", anchor: .middle)
  }

  private func drawBand(_ index: Int, _ canvas: inout Canvas) {
    var upper: [(x: Double, y: Double)] = []
    var lower: [(x: Double, y: Double)] = []
    for point in plot.series[index].points {
      guard let band = point.band, let high = frame.place(.init(point.x, band.upperBound)),
        let low = frame.place(.init(point.x, band.lowerBound))
      else { continue }
      upper.append(high)
      lower.append(low)
    }
    canvas.area(upper + lower.reversed(), color: color(index))
  }

  private func drawLine(_ index: Int, _ canvas: inout Canvas) {
    let series = plot.series[index]
    let cssClass = series.isDashed ? "plot-line plot-dashed" : "plot-line"
    let places = series.points.map(frame.place)
    for run in places.split(whereSeparator: { $0 == nil }) {
      let points = run.compactMap { $0 }
      canvas.path(points, cssClass, color: color(index))
      // A single point has no line, so that it would vanish without a dot.
      guard series.hasMarkers || points.count == 1 else { continue }
      for point in points { canvas.dot(x: point.x, y: point.y, color: color(index)) }
    }
  }
}

/// Places the names of lines at their ends, pushed apart where they would touch.
struct EndLabels {
  struct Label {
    let name: String
    let color: PlotColor
    let end: (x: Double, y: Double)
    var y: Double
  }

  static let spacing = 17.0
  /// A label further from its line than this no longer reads as belonging to it.
  private static let farthest = 60.0

  let labels: [Label]

  /// Nil where the labels do not fit, so that a legend is better.
  init?(_ ends: [Label], top: Double, bottom: Double) {
    var labels = ends.sorted { $0.end.y < $1.end.y }
    guard Double(labels.count) * EndLabels.spacing <= bottom - top + EndLabels.spacing else {
      return nil
    }
    for index in labels.indices {
      let least = index == 0 ? top : labels[index - 1].y + EndLabels.spacing
      labels[index].y = max(labels[index].y, least)
    }
    var most = bottom
    for index in labels.indices.reversed() {
      labels[index].y = min(labels[index].y, most)
      most = labels[index].y - EndLabels.spacing
    }
    guard labels.allSatisfy({ abs($0.y - $0.end.y) <= EndLabels.farthest }) else { return nil }
    self.labels = labels
  }
}
