/// The styles of pages and plots; without quotes and angle brackets, so that escaping leaves them
/// as they are.
enum Stylesheet {
  static let preamble = Markup(
    trusted: """

      <meta charset="utf-8">
      <meta http-equiv="Content-Security-Policy" content="default-src 'none'; \
      img-src data:; style-src 'unsafe-inline'">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <meta name="color-scheme" content="light dark">

      """)

  static var page: Markup { Markup(colors + base + blocks + images + plotRules + endings) }

  static var standalonePlot: String {
    """
    \(colors)
    .plot-drawing { font-family: system-ui, sans-serif; background: var(--page); }
    \(plotRules)
    """
  }

  private static var colors: String {
    let light = PlotColor.allCases.map { "--plot-\($0.name): \($0.light);" }
    let dark = PlotColor.allCases.map { "--plot-\($0.name): \($0.dark);" }
    return """

      :root {
        --page: #fdfdfc; --panel: #f5f5f2; --ink: #1d2126; --soft: #5c636d; --line: #dfe0dc;
        --grid: #e9e9e6; --accent: #0067a5; --tint: #eaf2f8;
        \(light.joined(separator: " "))
      }
      @media (prefers-color-scheme: dark) {
        :root {
          --page: #15181c; --panel: #1d2126; --ink: #e4e6e8; --soft: #9ba3ad; --line: #343a42;
          --grid: #272c33; --accent: #6fb4ea; --tint: #1c2c3a;
          \(dark.joined(separator: " "))
        }
      }

      """
  }

  private static let plotRules = """

    .plot-drawing text { font-size: 13px; fill: var(--ink); font-variant-numeric: tabular-nums; }
    .plot-drawing .plot-title { font-size: 15px; font-weight: 600; }
    .plot-drawing .plot-label, .plot-drawing .plot-tick { fill: var(--soft); }
    .plot-drawing .plot-name { font-weight: 500; }
    .plot-grid { stroke: var(--grid); stroke-width: 1; }
    .plot-axis { stroke: var(--soft); stroke-width: 1; }
    .plot-rule { stroke: var(--soft); stroke-width: 1; stroke-dasharray: 2 3; }
    .plot-line { fill: none; stroke-width: 2.25; stroke-linejoin: round; stroke-linecap: round; }
    .plot-dashed { stroke-dasharray: 6 5; }
    .plot-leader { fill: none; stroke-width: 1; opacity: 0.55; }
    .plot-band { opacity: 0.16; }
    .plot-faint { opacity: 0.3; }
    .plot-dot { stroke: var(--page); stroke-width: 1.5; }

    """
}
