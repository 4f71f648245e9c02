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
      title: matrix.rows.count == 1
        ? "Robustness of \(names[0])" : "Robustness of \(Format.count(matrix.rows.count)) networks",
      lead: """
        How much of \(Format.count(count)) examples of \(dataName) is read rightly, as they are and when an attacker may \
        change them within each radius.
        """,
      footer: "Made by Gibbon \(Version.text), seed \(specification.seed).")
    for alarm in matrix.rows.compactMap(\.alarm) {
      page.append(.paragraph("\(strong: "Error"): \(alarm)."))
    }
    for norm in norms {
      page.append(.heading("Within \(norm)"))
      page.append(.table(robustTable(norm)))
      if isVerified { page.append(.table(verifiedTable(norm))) }
      page.append(contentsOf: plot(norm))
    }
    page.append(.heading("How to read it"))
    var notes: [RichText] = [
      "Shares of all examples, with their number in brackets. What attacks leave is an upper bound of the robust accuracy.",
      "What was broken within a radius counts as broken within each larger one of its norm, and is not attacked again there.",
    ]
    if isVerified {
      notes.append(
        "What is verified is a lower bound: no allowed change leads to another class. It counts within each smaller radius, too."
      )
    }
    if matrix.rows.count > 1 {
      notes.append(
        "\(Self.best) is the best of a column; \(Self.tied) less, but not clearly so (McNemar's exact test on the same examples: 0.05 or more)."
      )
    }
    page.append(.list(notes))
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

  /// The accuracies within several radii of a norm as lines.
  private func plot(_ norm: String) -> [HTMLBlock] {
    let columns = matrix.columns.indices.filter { matrix.columns[$0].norm == norm }
    guard columns.count > 1 else { return [] }
    let series = matrix.rows.enumerated().map { place, row in
      LinePlot.Series(
        names[place],
        [LinePlot.Point(0, row.clean.share)]
          + columns.map { LinePlot.Point(matrix.columns[$0].radius, row.robust($0).share) },
        hasMarkers: true)
    }
    return [
      .plot(
        LinePlot(
          title: "Under attack", x: Axis("radius (\(norm))"),
          y: Axis("accuracy", range: 0...1, style: .percent(decimals: 0)), series: series),
        caption: "At 0 the accuracy on the examples as they are.")
    ]
  }

  /// What the cells cost.
  private func effortTable() -> Table {
    var table = Table(columns: [
      .words("network"), .words("threat"), .numbers("attacked"), .numbers("broken"),
      .numbers("passes per example"), .numbers("time"),
    ])
    for (number, row) in matrix.rows.enumerated() {
      for (place, column) in matrix.columns.enumerated() {
        let isFirst = place == 0 || matrix.columns[place - 1].norm != column.norm
        let before = isFirst ? row.clean.count : row.robust(place - 1).count
        let passes = Double(row.passes[place].forward + row.passes[place].backward)
        table.append(texts: [
          place == 0 ? names[number] : "", "\(column.norm) \(column.text)",
          Format.count(row.attacked[place]), Format.count(before - row.robust(place).count),
          Format.count(Int((passes / Double(max(1, row.attacked[place]))).rounded())),
          Format.duration(seconds: row.seconds[place]),
        ])
      }
    }
    return table
  }
}
