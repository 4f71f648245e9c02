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
    .plot-arrow { fill: none; stroke-width: 1.25; stroke-linecap: round; opacity: 0.55; }
    @media (prefers-reduced-motion: reduce) { .plot-moving { display: none; } }
    @media print { .plot-moving { display: none; } }

    """

  static let base = """

    * { box-sizing: border-box; }
    html { color-scheme: light dark; -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
    body {
      margin: 0; background: var(--page); color: var(--ink);
      font: 1.0625rem/1.6 system-ui, -apple-system, Segoe UI, Roboto, Helvetica Neue, sans-serif;
    }
    main { max-width: 46.5rem; margin: 0 auto; padding: clamp(2rem, 7vw, 5rem) 1.25rem 4rem; }
    h1, h2, h3 { line-height: 1.2; text-wrap: balance; letter-spacing: -0.012em; }
    h1 { margin: 0; font-size: clamp(1.75rem, 1.3rem + 2.2vw, 2.5rem); font-weight: 650; overflow-wrap: anywhere; }
    h2 { margin: 3.5rem 0 0.75rem; font-size: 1.4rem; font-weight: 620; }
    h3 { margin: 2.25rem 0 0.5rem; font-size: 1.1rem; font-weight: 620; }
    p, ul { max-width: 70ch; margin: 0 0 1rem; text-wrap: pretty; }
    ul { padding-left: 1.2em; }
    li { margin: 0.3rem 0; }
    .lead { margin: 1rem 0 2rem; font-size: 1.2rem; line-height: 1.5; color: var(--soft); }
    .lead strong { color: var(--ink); }
    strong { font-weight: 620; }
    a { color: var(--accent); text-decoration-thickness: 1px; text-underline-offset: 0.18em; }
    :focus-visible { outline: 2px solid var(--accent); outline-offset: 3px; border-radius: 3px; }
    code, pre {
      font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, Liberation Mono, monospace;
    }
    code { font-size: 0.88em; overflow-wrap: anywhere; }
    code {
      padding: 0.12em 0.28em; border-radius: 4px; background: var(--panel);
    }
    sup { font-size: 0.72em; line-height: 0; font-feature-settings: normal; }
    sup a { padding: 0 0.15em; text-decoration: none; }

    """

  static let blocks = """

    pre {
      margin: 1.25rem 0; padding: 0.9rem 1.1rem; border-radius: 8px; white-space: pre-wrap;
      background: var(--panel); font-size: 0.88rem; line-height: 1.55; tab-size: 4;
    }
    pre code {
      padding: 0; background: none; font-size: inherit;
    }
    dl { margin: 1.75rem 0; }
    dt { color: var(--soft); }
    dd { margin: 0; }
    .facts {
      display: grid; grid-template-columns: repeat(auto-fill, minmax(8.5rem, 1fr));
      gap: 1.1rem 1.5rem; padding: 1.1rem 0; border: solid var(--line); border-width: 1px 0;
      font-variant-numeric: tabular-nums;
    }
    .facts dt { font-size: 0.85rem; line-height: 1.4; }
    .facts dd { overflow-wrap: anywhere; }
    .figures {
      display: grid; grid-template-columns: repeat(auto-fit, minmax(8.5rem, 1fr));
      gap: 1.5rem 2rem;
    }
    .figures div { display: flex; flex-direction: column-reverse; justify-content: flex-end; }
    .figures dd {
      font-size: 2rem; line-height: 1.2; font-weight: 600; letter-spacing: -0.02em;
      white-space: nowrap;
    }
    .figures dt { margin-top: 0.25rem; font-size: 0.95rem; line-height: 1.4; }
    .table {
      margin: 1.75rem -0.4rem; padding: 0 0.4rem; overflow-x: auto;
      --cover: var(--page), transparent; --shade: var(--line), transparent;
      background:
        linear-gradient(to right, var(--cover)) left / 2rem 100% no-repeat local,
        linear-gradient(to left, var(--cover)) right / 2rem 100% no-repeat local,
        linear-gradient(to right, var(--shade)) left / 0.75rem 100% no-repeat scroll,
        linear-gradient(to left, var(--shade)) right / 0.75rem 100% no-repeat scroll;
    }
    table {
      min-width: min(100%, 28rem); border-collapse: collapse; font-size: 0.97rem; line-height: 1.4;
      font-variant-numeric: tabular-nums;
    }
    caption { padding: 0 0 0.7rem; text-align: left; font-weight: 600; }
    th, td { padding: 0.5rem 0 0.5rem 1.5rem; text-align: left; vertical-align: baseline; }
    th:first-child, td:first-child { padding-left: 0; }
    th {
      border-bottom: 1px solid var(--soft); color: var(--soft); font-size: 0.87rem;
      font-weight: 500; vertical-align: bottom;
    }
    td { border-bottom: 1px solid var(--line); }
    td { min-width: 6rem; }
    .number, .centre { min-width: 0; }
    .number { text-align: right; white-space: nowrap; }
    .centre { text-align: center; }
    td strong {
      padding: 0.1em 0.4em; margin: 0 -0.4em; border-radius: 4px; background: var(--tint);
    }
    figure { margin: 2rem 0; }
    figcaption {
      max-width: 70ch; margin-top: 0.75rem; color: var(--soft); font-size: 0.92rem;
      line-height: 1.5; text-wrap: pretty;
    }
    .plot-drawing { display: block; max-width: 100%; height: auto; overflow: visible; }
    .plot-narrow { display: none; }

    """

  static let images = """

    .panels {
      --gap: 2.5rem; display: grid; gap: 1.5rem var(--gap);
      grid-template-columns: repeat(var(--count), minmax(0, 10.5rem));
    }
    .panels.spaced { --gap: calc(var(--sign) * 1ch + 1.25rem); }
    .wide { margin-inline: calc(50% - min(50vw - 1.25rem, 39rem)); }
    .wide .panels {
      grid-template-columns: repeat(var(--count), minmax(0, 20rem)); justify-content: center;
    }
    .wide figcaption { max-width: 44rem; margin-inline: auto; }
    .panels.dense { --gap: 0.9rem; }
    .dense .panel { font-size: 0.87rem; }
    .panel { min-width: 0; font-size: 0.92rem; line-height: 1.4; }
    .panel-heading { margin-bottom: 0.5rem; color: var(--soft); font-size: 0.87rem; }
    .panel-image { position: relative; margin-bottom: 0.5rem; }
    .panel-image img {
      display: block; width: 100%; height: auto; border-radius: 2px;
      box-shadow: 0 0 0 1px var(--line);
    }
    .crisp { image-rendering: pixelated; }
    .panel-image .still { display: none; }
    .sign, .rule { position: absolute; right: 100%; width: var(--gap); }
    .sign {
      top: 50%; transform: translateY(-50%); color: var(--soft); text-align: center;
      font-size: 1.1rem; line-height: 1.15; white-space: nowrap;
    }
    .spaced .sign { font-size: 1rem; }
    .rule {
      top: 0; bottom: 0;
      background: linear-gradient(var(--line), var(--line)) center / 1px 100% no-repeat;
    }
    .panel-line { color: var(--soft); font-variant-numeric: tabular-nums; }
    .panel-image + .panel-line { color: var(--ink); }

    """

  static let endings = """

    footer {
      margin-top: 4rem; padding-top: 1.25rem; border-top: 1px solid var(--line);
      color: var(--soft); font-size: 0.92rem; line-height: 1.5;
    }
    footer p { margin: 0; }
    .notes { max-width: 70ch; margin: 0 0 1.25rem; padding-left: 1.4em; }
    .back { text-decoration: none; }
    @media (max-width: 38rem) {
      body { font-size: 1rem; }
      .lead { font-size: 1.1rem; }
      th, td { padding-left: 1.1rem; }
      .panels, .wide .panels {
        --gap: 2.25rem; padding-left: var(--gap);
        grid-template-columns: repeat(min(var(--count), 2), minmax(0, 1fr));
      }
      .panels.dense { padding-left: 0; grid-template-columns: repeat(4, minmax(0, 1fr)); }
      .panels.spaced {
        padding-left: 0; grid-template-columns: minmax(0, 20rem); justify-content: center;
      }
      .spaced .panel { display: flex; flex-direction: column; }
      .spaced .panel-image { display: contents; }
      .spaced .sign { position: static; order: -1; width: auto; margin-bottom: 0.75rem; transform: none; }
      .spaced .rule { display: none; }
      .spaced img { margin-bottom: 0.5rem; }
      .plot-wide { display: none; }
      .plot-narrow { display: block; }
    }
    @media print, (prefers-reduced-motion: reduce) {
      .panel-image .still { display: block; }
      .panel-image .moving { display: none; }
    }
    @media print {
      @page { margin: 18mm; }
      :root {
        --page: #fff; --panel: #f5f5f2; --ink: #000; --soft: #555; --line: #ccc; --grid: #e5e5e5;
        --accent: #000; --tint: #eee;
      }
      body { font-size: 10.5pt; }
      main { max-width: none; padding: 0; }
      h2, h3 { break-after: avoid; }
      figure, .table, pre, dl, tr { break-inside: avoid; }
      .back { display: none; }
      .wide { margin-inline: 0; }
    }

    """
}
