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
