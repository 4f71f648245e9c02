/// Data that renders as SVG, alone in a file or inside an `HTMLDocument`: `LinePlot` and
/// `BarChart`.
public protocol Plot: Sendable {
  /// What the plot shows, for its heading and for readers who cannot see it.
  var title: String { get }

  /// Draws the plot into the given room.
  func drawing(_ format: PlotFormat) -> Drawing
}

extension Plot {
  /// The plot as the content of one `.svg` file, with colours for light and dark surroundings.
  ///
  /// - Parameter format: How much room there is.
  /// - Returns: A whole XML document.
  public func svg(_ format: PlotFormat = .wide) -> String { drawing(format).svg() }
}
