import Files
import Images

/// Turns a document into HTML, numbering footnotes and naming headings as it goes.
struct HTMLRenderer {
  private var notes: [Markup] = []
  private var anchors: Set<String> = []

  mutating func render(_ document: HTMLDocument) throws(PNGError) -> String {
    var main = Markup()
    main.element("header") { header in
      header.element("h1", text: document.title)
      if !document.lead.isEmpty {
        header.element("p", ["class": "lead"], markup: inline(document.lead))
      }
    }
    main.breakLine()
    for block in document.blocks {
      try append(block, to: &main)
      main.breakLine()
    }
    var footer = Markup()
    appendNotes(to: &footer)
    if !document.footer.isEmpty { footer.element("p", markup: inline(document.footer)) }
    if footer != Markup() { main.element("footer", markup: footer) }

    var page = Markup(trusted: "<!DOCTYPE html>\n")
    page.element("html", ["lang": document.language]) { html in
      html.breakLine()
      html.element("head") { head in
        head.append(Stylesheet.preamble)
        head.element("title", text: document.title)
        head.breakLine()
        head.element("style", markup: Stylesheet.page)
      }
      html.breakLine()
      html.element("body") { $0.element("main", markup: main) }
      html.breakLine()
    }
    page.breakLine()
    return page.source
  }

  private mutating func append(_ block: HTMLBlock, to page: inout Markup) throws(PNGError) {
    switch block {
    case .heading(let text, let level):
      let id = anchor(text)
      if level <= 2 {
        page.element("h2", ["id": id], text: text)
      } else {
        page.element("h3", ["id": id], text: text)
      }
    case .paragraph(let text): page.element("p", markup: inline(text))
    case .list(let items):
      page.element("ul") { list in
        for item in items { list.element("li", markup: inline(item)) }
      }
    case .facts(let facts):
      page.element("dl", ["class": "facts"]) { list in
        for fact in facts {
          list.element("div") { pair in
            pair.element("dt", text: fact.term)
            pair.element("dd", markup: inline(fact.value))
          }
        }
      }
    case .figures(let figures):
      page.element("dl", ["class": "figures"]) { list in
        for figure in figures {
          list.element("div") { pair in
            pair.element("dt", markup: inline(figure.meaning))
            pair.element("dd", text: figure.value)
          }
        }
      }
    case .table(let table): append(table, to: &page)
    case .plot(let plot, let caption):
      page.element("figure", ["class": "plot"]) { figure in
        figure.append(plot.drawing(.wide).markup(isStandalone: false))
        figure.append(plot.drawing(.narrow).markup(isStandalone: false))
        if !caption.isEmpty { figure.element("figcaption", markup: inline(caption)) }
      }
    case .images(let row): try append(row, to: &page)
    case .code(let text): page.element("pre") { $0.element("code", text: text) }
    }
  }

  private mutating func appendNotes(to footer: inout Markup) {
    guard !notes.isEmpty else { return }
    footer.element("ol", ["class": "notes"]) { list in
      for (index, note) in notes.enumerated() {
        list.element("li", ["id": "note-\(index + 1)"]) { item in
          item.append(note)
          item.append(" ")
          item.element(
            "a",
            [
              "href": "#note-\(index + 1)-back", "aria-label": "Back to the text", "class": "back",
            ], text: "\u{21A9}\u{FE0E}")
        }
      }
    }
  }

  mutating func inline(_ text: RichText) -> Markup { inline(text.parts) }

  private mutating func inline(_ parts: [RichText.Part]) -> Markup {
    var markup = Markup()
    for part in parts {
      switch part {
      case .text(let text): markup.append(text.withBoundUnits)
      case .strong(let text): markup.element("strong", text: text.withBoundUnits)
      case .emphasis(let text): markup.element("em", text: text.withBoundUnits)
      case .code(let text): markup.element("code", text: text)
      case .link(let text, let address): markup.element("a", ["href": address], text: text)
      case .note(let parts):
        notes.append(Markup())
        let number = notes.count
        notes[number - 1] = inline(parts)
        markup.element("sup", ["id": "note-\(number)-back"]) { mark in
          mark.element(
            "a", ["href": "#note-\(number)", "aria-label": "Note \(number)"], text: "\(number)")
        }
      }
    }
    return markup
  }

  private mutating func anchor(_ text: String) -> String {
    var words: [String] = [""]
    for character in text.lowercased() {
      if character.isASCII, character.isLetter || character.isNumber {
        words[words.count - 1].append(character)
      } else if words.last != "" {
        words.append("")
      }
    }
    // The prefix keeps headings apart from footnotes and from whatever else has an id.
    let base = "section-" + words.filter { !$0.isEmpty }.joined(separator: "-")
    var name = base
    var number = 2
    while !anchors.insert(name).inserted {
      name = "\(base)-\(number)"
      number += 1
    }
    return name
  }

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
      let picture = try panel.image.png()
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
          func draw(_ file: [UInt8], _ kind: String?) {
            let classes = [isSmall ? "crisp" : nil, kind].compactMap { $0 }
            frame.element(
              "img",
              [
                "src": "data:image/png;base64," + Base64.string(file), "alt": panel.alternative,
                "width": "\(panel.image.width)", "height": "\(panel.image.height)",
                "class": classes.isEmpty ? nil : classes.joined(separator: " "),
              ])
          }
          // Paper does not move, nor a screen on which nothing is to.
          if let animation = panel.animation { draw(animation, "moving") }
          draw(picture, panel.animation == nil ? nil : "still")
        }
        for line in panel.lines {
          html.element("div", ["class": "panel-line"], markup: inline(line))
        }
      }
    }
    page.element("figure", ["class": row.isWide ? "images wide" : "images"]) { figure in
      let hasLongSign = row.signLength > 1
      figure.element(
        "div",
        [
          "class": hasLongSign ? "panels spaced" : row.isDense ? "panels dense" : "panels",
          "style": "--count:\(min(row.panels.count, row.columns ?? .max))"
            + (hasLongSign ? ";--sign:\(row.signLength)" : ""),
        ], markup: panels)
      if !row.caption.isEmpty { figure.element("figcaption", markup: inline(row.caption)) }
    }
  }
}

extension String {
  /// The text with percent signs bound to their numbers, so that no line breaks between them.
  fileprivate var withBoundUnits: String {
    var bound = ""
    var isAfterDigit = false
    var rest = self[...]
    while let character = rest.popFirst() {
      if character == " ", isAfterDigit, rest.first == "%" {
        bound.append("\u{202F}")
      } else {
        bound.append(character)
      }
      isAfterDigit = character.isNumber
    }
    return bound
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
