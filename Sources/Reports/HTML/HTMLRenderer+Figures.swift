import Files
import Images

extension HTMLRenderer {
  mutating func append(_ table: Table, to page: inout Markup) {
    // A wide table scrolls in its own region, which must be reachable by keyboard.
    page.element(
      "div",
      [
        "class": "table", "role": "region", "tabindex": "0",
        "aria-label": table.caption.isEmpty ? "Table" : table.caption,
      ]
    ) { region in
      region.element("table") { html in
        if !table.caption.isEmpty {
          html.element("caption", markup: inline(RichText(table.caption)))
        }
        html.element("thead") { head in
          head.element("tr") { row in
            for column in table.columns {
              row.element(
                "th", ["scope": "col", "class": column.alignment.cssClass], text: column.title)
            }
          }
        }
        html.element("tbody") { body in
          for cells in table.rows {
            body.element("tr") { row in
              for (column, cell) in zip(table.columns, cells) {
                row.element("td", ["class": column.alignment.cssClass]) { content in
                  if cell.isEmphasised {
                    content.element("strong", text: cell.text)
                  } else {
                    content.append(cell.text)
                  }
                }
              }
            }
            body.breakLine()
          }
        }
      }
    }
  }

  mutating func append(_ row: ImageRow, to page: inout Markup) throws(PNGError) {
    var panels = Markup()
    for panel in row.panels {
      let data = "data:image/png;base64," + Base64.string(try panel.image.png())
      panels.element("div", ["class": "panel"]) { html in
        // Every panel of a row keeps the line, so that images stand level.
        if row.panels.contains(where: { !$0.heading.isEmpty }) {
          html.element(
            "div", ["class": "panel-heading"],
            text: panel.heading.isEmpty ? "\u{A0}" : panel.heading)
        }
        html.element("div", ["class": "panel-image"]) { frame in
          switch panel.link {
          case .sign(let text): frame.element("span", ["class": "sign"], text: text)
          case .rule: frame.element("span", ["class": "rule", "aria-hidden": "true"], text: "")
          case nil: break
          }
          let isSmall = max(panel.image.width, panel.image.height) <= 96
          frame.element(
            "img",
            [
              "src": data, "alt": panel.alternative, "width": "\(panel.image.width)",
              "height": "\(panel.image.height)", "class": isSmall ? "crisp" : nil,
            ])
        }
        for line in panel.lines {
          html.element("div", ["class": "panel-line"], markup: inline(line))
        }
      }
    }
    page.element("figure", ["class": "images"]) { figure in
      figure.element(
        "div",
        [
          "class": row.hasLongSign ? "panels spaced" : "panels",
          "style": "--count:\(row.panels.count)",
        ], markup: panels)
      if !row.caption.isEmpty { figure.element("figcaption", markup: inline(row.caption)) }
    }
  }
}

extension ColumnAlignment {
  var cssClass: String? {
    switch self {
    case .leading: nil
    case .centre: "centre"
    case .trailing: "number"
    }
  }
}
