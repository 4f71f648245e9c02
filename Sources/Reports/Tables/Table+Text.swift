import Files
extension Table {
  /// The table for a terminal: titles, a rule and the rows, each line ending in a newline.
  ///
  /// Control characters are replaced, so cells may hold names from untrusted files.
  public func text() -> String {
    let titles = columns.map(\.title.terminalSafe)
    let body = rows.map { $0.map(\.text.terminalSafe) }
    let widths = columns.indices.map { column in
      body.reduce(titles[column].displayWidth) { max($0, $1[column].displayWidth) }
    }
    func line(_ cells: [String]) -> String {
      let padded = cells.indices.map {
        cells[$0].padded(to: widths[$0], columns[$0].alignment)
      }
      var line = padded.joined(separator: "  ")
      while line.last == " " { line.removeLast() }
      return line + "\n"
    }
    let rule = widths.map { String(repeating: "─", count: $0) }.joined(separator: "  ") + "\n"
    let heading = caption.isEmpty ? "" : caption.terminalSafe + "\n\n"
    return heading + line(titles) + rule + body.map(line).joined()
  }
}
