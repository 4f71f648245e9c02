import Files
extension Table {
  /// The table as GitHub-flavoured Markdown, aligned so that its source reads well too.
  public func markdown() -> String {
    let titles = columns.map { Table.markdown($0.title) }
    let body = rows.map { row in
      row.map { cell in
        let text = Table.markdown(cell.text)
        return cell.isEmphasised && !text.isEmpty ? "**\(text)**" : text
      }
    }
    let widths = columns.indices.map { column in
      body.reduce(max(3, titles[column].displayWidth)) { max($0, $1[column].displayWidth) }
    }
    func line(_ cells: [String]) -> String {
      let padded = cells.indices.map {
        cells[$0].padded(to: widths[$0], columns[$0].alignment)
      }
      return "| " + padded.joined(separator: " | ") + " |\n"
    }
    let rule = columns.indices.map { index in
      switch columns[index].alignment {
      case .leading: String(repeating: "-", count: widths[index])
      case .centre: ":" + String(repeating: "-", count: widths[index] - 2) + ":"
      case .trailing: String(repeating: "-", count: widths[index] - 1) + ":"
      }
    }
    let heading = caption.isEmpty ? "" : Table.markdown(caption) + "\n\n"
    return heading + line(titles) + line(rule) + body.map(line).joined()
  }

  private static func markdown(_ text: String) -> String {
    var escaped = ""
    for character in text.terminalSafe {
      if "\\`*_[]<>|&~".contains(character) { escaped.append("\\") }
      escaped.append(character)
    }
    return escaped
  }
}
