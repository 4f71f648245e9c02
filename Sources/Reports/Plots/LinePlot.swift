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
}
