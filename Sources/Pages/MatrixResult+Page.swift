import Evaluation
import Files
package import Reports
import Robustness
public import Studies

extension MatrixResult {
  /// Writes the matrix as a page, whole or not at all.
  ///
  /// - Throws: `FileError`.
  public func writePage(to path: String) throws {
    try AtomicFile.write(try page().html(), to: path)
  }

  /// The page that `--report` writes.
  package func page() -> HTMLDocument {
    let count = matrix.rows[0].examples.count
    var page = HTMLDocument(
      title: "\(Format.count(matrix.rows.count)) networks, \(Format.count(matrix.columns.count)) threats",
      lead: """
        How many of \(Format.count(count)) examples of \(dataName) each network reads rightly, as they are and when an \
        attacker may change them within each radius.
        """,
      footer: "Made by Gibbon \(Version.text), seed \(specification.seed).")
    for alarm in matrix.rows.compactMap(\.alarm) {
      page.append(.paragraph("\(strong: "Error"): \(alarm)."))
    }
    page.append(.heading("Under attack"))
    page.append(.table(robustTable()))
    page.append(
      .paragraph(
        """
        Upper bounds, with the number of examples in brackets. \(legend)What was broken within a radius counts as broken \
        within each larger one of its norm, and is not attacked again there.
        """))
    if isVerified {
      page.append(.heading("Verified"))
      page.append(.table(verifiedTable()))
      page.append(
        .paragraph(
          """
          Lower bounds: so many examples no allowed change can lead to another class. What is certified within a radius \
          counts as certified within each smaller one of its norm.
          """))
    }
    page.append(contentsOf: plots())
    page.append(.heading("How it was measured"))
    page.append(
      .list(
        suites.sorted { $0.key < $1.key }.map { norm, suite in
          "\(strong: norm): \(suite.members.map(\.description).joined(separator: "; ")), each on what none before it broke"
        }))
    page.append(.table(effortTable()))
    page.append(
      reproducing: command, specification,
      checked:
        """
        Every change that counts was checked to be within the limits, exactly, and the network was run on it once more. \
        An attack that fails proves nothing, so robust accuracies are \(emphasis: "upper bounds").
        """)
    return page
  }

  /// What the marks mean.
  private var legend: RichText {
    guard matrix.rows.count > 1 else { return "" }
    return """
      \(Self.best) is the best of a column, \(Self.tied) less, but not clearly so (McNemar's exact test on the same examples: 0.05 or \
      more). \n
      """
  }

  /// For each norm with several radii the accuracies against the radius; where they were asked for, the verified ones are
  /// dashed.
  private func plots() -> [HTMLBlock] {
    var norms: [String] = []
    for column in matrix.columns where !norms.contains(column.norm) { norms.append(column.norm) }
    return norms.flatMap { norm -> [HTMLBlock] in
      let columns = matrix.columns.indices.filter { matrix.columns[$0].norm == norm }
      guard columns.count > 1 else { return [] }
      var series: [LinePlot.Series] = []
      let palette = PlotColor.allCases
      for (place, row) in matrix.rows.enumerated() {
        let color = palette[place % palette.count]
        func points(_ share: (Int) -> Proportion?) -> [LinePlot.Point] {
          columns.compactMap { column in
            share(column).map { LinePlot.Point(matrix.columns[column].radius, $0.share) }
          }
        }
        series.append(
          .init(
            row.model, [LinePlot.Point(0, row.clean.share)] + points { row.robust($0) },
            color: color, hasMarkers: true))
      }
      return [
        .heading("Against the radius: \(norm)"),
        .plot(
          LinePlot(
            title: "Accuracy against the radius", x: Axis("radius (\(norm))"),
            y: Axis("accuracy", range: 0...1, style: .percent(decimals: 0)), series: series),
          caption: "At 0 the accuracy on the examples as they are."),
      ]
    }
  }

  /// What the cells cost.
  private func effortTable() -> Table {
    var table = Table(columns: [
      .words("network"), .words("threat"), .numbers("attacked"), .numbers("broken"),
      .numbers("passes per example"), .numbers("time"),
    ])
    for row in matrix.rows {
      for (place, column) in matrix.columns.enumerated() {
        let isFirst = place == 0 || matrix.columns[place - 1].norm != column.norm
        let before = isFirst ? row.clean.count : row.robust(place - 1).count
        let passes = Double(row.passes[place].forward + row.passes[place].backward)
        table.append(texts: [
          place == 0 ? row.model : "", "\(column.norm) \(column.text)",
          Format.count(row.attacked[place]), Format.count(before - row.robust(place).count),
          Format.count(Int((passes / Double(max(1, row.attacked[place]))).rounded())),
          Format.duration(seconds: row.seconds[place]),
        ])
      }
    }
    return table
  }
}
