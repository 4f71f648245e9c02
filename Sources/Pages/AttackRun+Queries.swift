package import Reports
package import Studies

extension AttackRun {
  /// The lines of the curve: queries above, shares below.
  package static func text(_ curve: [QueriesShare]) -> [String] {
    let heads = curve.map { Format.count($0.queries) }
    let shares = curve.map { Format.percent($0.success) }
    let widths = zip(heads, shares).map { max($0.count, $1.count) }
    func line(_ title: String, _ cells: [String]) -> String {
      zip(cells, widths).reduce(title) { line, cell in
        line + String(repeating: " ", count: cell.1 - cell.0.count + 2) + cell.0
      }
    }
    return [line("queries          ", heads), line("broken by then   ", shares)]
  }

  /// The same on a page.
  package static func blocks(_ curve: [QueriesShare]) -> [HTMLBlock] {
    guard curve.count > 1 else { return [] }
    let plot = LinePlot(
      title: "Broken examples against queries",
      x: Axis("queries for one example", scale: .logarithmic),
      y: Axis("broken", range: 0...1, style: .percent(decimals: 0)),
      series: [
        .init("broken by then", curve.map { LinePlot.Point(Double($0.queries), $0.success) })
      ])
    var table = Table(columns: [.numbers("queries"), .numbers("broken by then")])
    for point in curve {
      table.append(texts: [Format.count(point.queries), Format.percent(point.success, decimals: 1)])
    }
    return [
      .heading("How many queries it took"),
      .plot(
        plot,
        caption:
          "Of the examples that were attacked, the share that was broken after so many queries each."
      ),
      .table(table),
    ]
  }
}
