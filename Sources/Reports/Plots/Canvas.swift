/// Collects the shapes of one SVG drawing, with the styles all plots share.
struct Canvas {
  private(set) var shapes = Markup()

  /// Where a text stands relative to its place.
  enum Anchor: String {
    case start
    case middle
    case end
  }

  mutating func text(
    _ text: String, x: Double, y: Double, _ cssClass: String, anchor: Anchor = .start,
    color: PlotColor? = nil
  ) {
    shapes.element(
      "text",
      [
        "x": Canvas.number(x), "y": Canvas.number(y), "class": cssClass,
        "text-anchor": anchor == .start ? nil : anchor.rawValue,
        "style": color.map { "fill: \($0.css)" },
      ], text: text)
  }

  /// Draws the title on as many lines as it needs.
  mutating func title(_ title: String, _ format: PlotFormat) {
    for (index, line) in Canvas.titleLines(title, format).enumerated() {
      text(line, x: 0, y: 14 + 20 * Double(index), "plot-title")
    }
  }

  static func titleHeight(_ title: String, _ format: PlotFormat) -> Double {
    20 * Double(titleLines(title, format).count)
  }

  private static func titleLines(_ title: String, _ format: PlotFormat) -> [String] {
    var lines: [String] = []
    for word in title.split(whereSeparator: \.isWhitespace) {
      // Semibold is a little wider than the estimate for running text.
      if let last = lines.last, width(of: last + " " + word, size: 16) <= format.width {
        lines[lines.count - 1] += " " + word
      } else {
        lines.append(String(word))
      }
    }
    return lines
  }

  mutating func line(
    from: (x: Double, y: Double), to: (x: Double, y: Double), _ cssClass: String,
    color: PlotColor? = nil
  ) {
    shapes.element(
      "line",
      [
        "x1": Canvas.number(from.x), "y1": Canvas.number(from.y), "x2": Canvas.number(to.x),
        "y2": Canvas.number(to.y), "class": cssClass, "style": color.map { "stroke: \($0.css)" },
      ])
  }

  /// Joins points by straight lines; does nothing for fewer than two.
  mutating func path(_ points: [(x: Double, y: Double)], _ cssClass: String, color: PlotColor) {
    guard points.count > 1 else { return }
    shapes.element(
      "path", ["d": Canvas.data(points), "class": cssClass, "style": "stroke: \(color.css)"])
  }

  mutating func area(_ points: [(x: Double, y: Double)], color: PlotColor) {
    guard points.count > 2 else { return }
    shapes.element(
      "path",
      ["d": Canvas.data(points) + "Z", "class": "plot-band", "style": "fill: \(color.css)"])
  }

  mutating func dot(x: Double, y: Double, color: PlotColor) {
    shapes.element(
      "circle",
      [
        "cx": Canvas.number(x), "cy": Canvas.number(y), "r": "3.5", "class": "plot-dot",
        "style": "fill: \(color.css)",
      ])
  }

  /// A dot that runs along points, over and over; does nothing for fewer than two.
  mutating func moving(_ points: [(x: Double, y: Double)], color: PlotColor, seconds: Int) {
    guard points.count > 1 else { return }
    shapes.element(
      "circle",
      ["r": "5", "class": "plot-dot plot-moving", "style": "fill: \(color.css)"]
    ) { circle in
      circle.element(
        "animateMotion",
        [
          "dur": "\(seconds)s", "repeatCount": "indefinite", "path": Canvas.data(points),
          "calcMode": "paced",
        ])
    }
  }

  mutating func bar(
    x: Double, y: Double, width: Double, height: Double, color: PlotColor, isFaint: Bool = false
  ) {
    shapes.element(
      "rect",
      [
        "x": Canvas.number(x), "y": Canvas.number(y), "width": Canvas.number(max(0, width)),
        "height": Canvas.number(height), "rx": "2", "class": isFaint ? "plot-faint" : nil,
        "style": "fill: \(color.css)",
      ])
  }

  /// Draws into a window that hides what falls outside, without the page-wide name a clip path
  /// needs.
  mutating func window(
    x: Double, y: Double, width: Double, height: Double, draw: (inout Canvas) -> Void
  ) {
    var inner = Canvas()
    draw(&inner)
    let (x, y) = (Canvas.number(x), Canvas.number(y))
    let (width, height) = (Canvas.number(width), Canvas.number(height))
    shapes.element(
      "svg",
      [
        "x": x, "y": y, "width": width, "height": height, "viewBox": "\(x) \(y) \(width) \(height)",
        "overflow": "hidden",
      ], markup: inner.shapes)
  }

  /// A coordinate with at most one decimal, kept within what every renderer can hold.
  static func number(_ value: Double) -> String {
    let bounded = value.isNaN ? 0 : min(max(value, -99_999), 99_999)
    let text = Format.fixed(bounded, decimals: 1)
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
  }

  private static func data(_ points: [(x: Double, y: Double)]) -> String {
    "M" + points.map { "\(number($0.x)) \(number($0.y))" }.joined(separator: "L")
  }

  /// A generous estimate of a text's width in the plots' font, which the reader's system chooses.
  static func width(of text: String, size: Double = 13) -> Double {
    text.unicodeScalars.reduce(0) { sum, scalar in
      switch scalar {
      case "i", "j", "l", "t", "f", "r", " ", ".", ",", ":", ";", "'", "|", "(", ")", "-": sum + 0.4
      case "m", "w", "M", "W", "%", "@": sum + 0.95
      case "A"..."Z": sum + 0.72
      default: sum + (scalar.value < 0x2E80 ? 0.61 : 1.05)
      }
    } * size
  }
}

/// A finished drawing; only this module makes one, so a page can include it without escaping it.
public struct Drawing: Hashable, Sendable {
  let title: String
  let description: String
  let format: PlotFormat
  let height: Double
  let shapes: Markup

  /// The content of one `.svg` file, with colours for light and dark surroundings.
  public func svg() -> String { markup(isStandalone: true).source + "\n" }

  func markup(isStandalone: Bool) -> Markup {
    let size = (width: Canvas.number(format.width), height: Canvas.number(height))
    var root = Markup()
    root.element(
      "svg",
      [
        "xmlns": "http://www.w3.org/2000/svg", "role": "img",
        "class": format == .wide ? "plot-drawing plot-wide" : "plot-drawing plot-narrow",
        "viewBox": "0 0 \(size.width) \(size.height)", "width": size.width, "height": size.height,
      ]
    ) { svg in
      svg.element("title", text: title)
      if !description.isEmpty { svg.element("desc", text: description) }
      if isStandalone { svg.element("style", text: Stylesheet.standalonePlot) }
      svg.append(shapes)
    }
    return root
  }
}
