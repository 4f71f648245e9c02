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
