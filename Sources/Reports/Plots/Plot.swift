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

/// How much room a plot has.
public enum PlotFormat: Hashable, Sendable {
  /// 704 units wide, the measure of a page.
  case wide

  /// 368 units wide, with text as large as in the wide format, for phones and narrow columns.
  case narrow

  var width: Double { self == .wide ? 704 : 368 }
}

/// A colour of the palette, told apart by colour-blind readers and adjusted to light and dark
/// pages.
///
/// After Okabe and Ito, "Color universal design", 2008, https://jfly.uni-koeln.de/color/; the light
/// colours are darkened and the dark ones lightened to a contrast of at least 3 to 1 with the page.
public enum PlotColor: Int, CaseIterable, Hashable, Sendable {
  /// Blue.
  case blue
  /// Vermilion.
  case vermilion
  /// Green.
  case green
  /// Purple.
  case purple
  /// Orange.
  case orange
  /// Sky blue.
  case sky
  /// Grey, for what is only context.
  case grey

  /// The colour of the n-th series, repeating after the sixth and never grey.
  static func automatic(_ index: Int) -> PlotColor {
    PlotColor(rawValue: index % (allCases.count - 1)) ?? .blue
  }

  /// The CSS custom property a stylesheet sets, with the light colour where none does.
  var css: String { "var(--plot-\(name), \(light))" }

  var name: String { "\(self)" }

  var light: String {
    switch self {
    case .blue: "#0067a5"
    case .vermilion: "#c44a00"
    case .green: "#00805e"
    case .purple: "#a8487f"
    case .orange: "#a86f00"
    case .sky: "#2b86bf"
    case .grey: "#767b83"
    }
  }

  var dark: String {
    switch self {
    case .blue: "#5aa9e6"
    case .vermilion: "#f0844c"
    case .green: "#3fbf97"
    case .purple: "#dd8fbd"
    case .orange: "#e6a93c"
    case .sky: "#8ccbee"
    case .grey: "#8f96a0"
    }
  }
}

/// The rectangle in which data is drawn, and how numbers become places in it.
struct PlotFrame {
  let x: Axis
  let y: Axis
  let xRange: ClosedRange<Double>
  let yRange: ClosedRange<Double>
  var left = 0.0
  var right = 0.0
  var top = 0.0
  var bottom = 0.0

  func place(x value: Double) -> Double {
    left + PlotFrame.part(value, xRange, x.scale) * (right - left)
  }

  func place(y value: Double) -> Double {
    bottom - PlotFrame.part(value, yRange, y.scale) * (bottom - top)
  }

  /// The place of a point, or nil where an axis cannot show it.
  func place(_ point: LinePlot.Point) -> (x: Double, y: Double)? {
    guard x.accepts(point.x), y.accepts(point.y) else { return nil }
    return (place(x: point.x), place(y: point.y))
  }

  private static func part(
    _ value: Double, _ range: ClosedRange<Double>, _ scale: Axis.Scale
  ) -> Double {
    switch scale {
    case .linear: (value - range.lowerBound) / (range.upperBound - range.lowerBound)
    case .logarithmic:
      (log2(value) - log2(range.lowerBound)) / (log2(range.upperBound) - log2(range.lowerBound))
    }
  }

  /// The binary logarithm of a positive number, exact enough to place ink.
  private static func log2(_ value: Double) -> Double {
    // The series of atanh converges quickly for a significand in 1..<2.
    let ratio = (value.significand - 1) / (value.significand + 1)
    var power = ratio
    var sum = 0.0
    for odd in stride(from: 1.0, through: 25, by: 2) {
      sum += power / odd
      power *= ratio * ratio
    }
    return Double(value.exponent) + 2 * sum * 1.442_695_040_888_963_4
  }
}
