/// Paths in a plane of two numbers over a field of arrows: where each place leads, and where each path went.
///
/// A dot runs along each path where the page is shown on a screen and motion is not unwelcome.
public struct FieldPlot: Plot, Hashable {
  /// What the plot shows.
  public var title: String

  /// The horizontal axis, with its range.
  public var x: Axis

  /// The vertical axis, with its range.
  public var y: Axis

  /// The arrows: where they begin, and where they point; drawn equally long, fainter where the field is weaker.
  public var arrows: [Arrow]

  /// The paths, each from its first point to its last.
  public var paths: [LinePlot.Series]

  /// An arrow.
  public struct Arrow: Hashable, Sendable {
    /// Where it begins.
    public var x: Double
    /// Where it begins.
    public var y: Double
    /// Where it points.
    public var dx: Double
    /// Where it points.
    public var dy: Double

    /// Creates an arrow.
    public init(x: Double, y: Double, dx: Double, dy: Double) {
      self.x = x
      self.y = y
      self.dx = dx
      self.dy = dy
    }
  }

  /// Creates a plot; traps unless both axes have ranges.
  public init(title: String, x: Axis, y: Axis, arrows: [Arrow], paths: [LinePlot.Series]) {
    precondition(x.range != nil && y.range != nil, "a field needs ranges")
    self.title = title
    self.x = x
    self.y = y
    self.arrows = arrows
    self.paths = paths
  }

  /// Draws the plot.
  public func drawing(_ format: PlotFormat) -> Drawing {
    FieldPlotRenderer(plot: self, format: format).render()
  }
}

/// Lays out and draws one `FieldPlot`: a square with a legend above it.
private struct FieldPlotRenderer {
  let plot: FieldPlot
  let format: PlotFormat

  func render() -> Drawing {
    var canvas = Canvas()
    canvas.title(plot.title, format)
    let top = Canvas.titleHeight(plot.title, format)
    let rows = drawLegend(&canvas, from: top)
    let frame = frame(top: top + Double(rows) * 20 + 40)
    drawAxes(&canvas, frame)
    canvas.window(
      x: frame.left, y: frame.top, width: frame.right - frame.left,
      height: frame.bottom - frame.top
    ) { window in
      drawArrows(&window, frame)
      for (place, path) in plot.paths.enumerated() { draw(path, place, &window, frame) }
    }
    return Drawing(
      title: plot.title, description: description, format: format,
      height: frame.bottom + (plot.x.label.isEmpty ? 26 : 48), shapes: canvas.shapes)
  }

  private func color(_ place: Int) -> PlotColor { plot.paths[place].color ?? .automatic(place) }

  private func frame(top: Double) -> PlotFrame {
    var frame = PlotFrame(
      x: plot.x, y: plot.y, xRange: plot.x.range ?? 0...1, yRange: plot.y.range ?? 0...1)
    let side = min(format.width - 44 - 10, 460)
    // In the middle of a wide page, so that the square is the picture.
    frame.left = max(44, (format.width - side) / 2)
    frame.right = frame.left + side
    frame.top = top
    frame.bottom = top + side
    return frame
  }

  /// Draws the names of all paths.
  ///
  /// - Returns: The number of rows that they take.
  private func drawLegend(_ canvas: inout Canvas, from top: Double) -> Int {
    var (x, row) = (0.0, 0)
    for (place, path) in plot.paths.enumerated() where !path.name.isEmpty {
      let width = 32 + Canvas.width(of: path.name) + 18
      if x > 0, x + width > format.width { (x, row) = (0, row + 1) }
      let y = top + 15 + Double(row) * 20
      canvas.path([(x, y - 4.5), (x + 24, y - 4.5)], "plot-line", color: color(place))
      canvas.text(path.name, x: x + 32, y: y, "plot-name")
      x += width
    }
    return x > 0 || row > 0 ? row + 1 : 0
  }

  private func drawAxes(_ canvas: inout Canvas, _ frame: PlotFrame) {
    if !plot.y.label.isEmpty {
      canvas.text(plot.y.label, x: frame.left, y: frame.top - 14, "plot-label")
    }
    let yTicks = plot.y.ticks(frame.yRange, count: 5)
    for (value, text) in zip(yTicks, AxisLabels.strings(yTicks, plot.y)) {
      let y = frame.place(y: value)
      canvas.line(from: (frame.left, y), to: (frame.right, y), "plot-grid")
      canvas.text(text, x: frame.left - 9, y: y + 4.5, "plot-tick", anchor: .end)
    }
    let xTicks = plot.x.ticks(frame.xRange, count: 5)
    for (value, text) in zip(xTicks, AxisLabels.strings(xTicks, plot.x)) {
      let x = frame.place(x: value)
      canvas.line(from: (x, frame.top), to: (x, frame.bottom), "plot-grid")
      canvas.text(text, x: x, y: frame.bottom + 19, "plot-tick", anchor: .middle)
    }
    guard !plot.x.label.isEmpty else { return }
    canvas.text(
      plot.x.label, x: (frame.left + frame.right) / 2, y: frame.bottom + 41, "plot-label",
      anchor: .middle)
  }

  private func drawArrows(_ canvas: inout Canvas, _ frame: PlotFrame) {
    let lengths = plot.arrows.map { ($0.dx * $0.dx + $0.dy * $0.dy).squareRoot() }
    let longest = lengths.filter(\.isFinite).max() ?? 0
    guard longest > 0 else { return }
    for (arrow, length) in zip(plot.arrows, lengths) where length.isFinite && length > 0 {
      // Longer where the field is stronger, but never so short that it cannot be seen.
      let size = 6 + 12 * (length / longest).squareRoot()
      let (x, y) = (frame.place(x: arrow.x), frame.place(y: arrow.y))
      let (ux, uy) = (arrow.dx / length, -arrow.dy / length)
      let tip = (x: x + ux * size, y: y + uy * size)
      canvas.path([(x, y), tip], "plot-arrow", color: .grey)
      canvas.path(
        [
          (tip.x - 4 * ux - 2.5 * uy, tip.y - 4 * uy + 2.5 * ux), tip,
          (tip.x - 4 * ux + 2.5 * uy, tip.y - 4 * uy - 2.5 * ux),
        ], "plot-arrow", color: .grey)
    }
  }

  private func draw(
    _ path: LinePlot.Series, _ place: Int, _ canvas: inout Canvas, _ frame: PlotFrame
  ) {
    let points = path.points.compactMap(frame.place)
    canvas.path(points, "plot-line", color: color(place))
    if let first = points.first { canvas.dot(x: first.x, y: first.y, color: color(place)) }
    canvas.moving(points, color: color(place), seconds: 12)
  }

  private var description: String {
    plot.paths.compactMap { path in
      guard let first = path.points.first, let last = path.points.last else { return nil }
      func text(_ point: LinePlot.Point) -> String {
        "(\(Format.significant(point.x, digits: 3)), \(Format.significant(point.y, digits: 3)))"
      }
      return "\(path.name): from \(text(first)) to \(text(last))."
    }.joined(separator: " ")
  }
}
