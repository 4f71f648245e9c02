import Tensors
import Insight
import Reports
import Datasets
/// What was changed in a row of a table, column by column.
struct ChangedRow {
  /// The most columns that are listed.
  private static let most = 12

  /// The row, the changed one, and what the network makes of both.
  let triptych: Triptych

  /// The columns that changed, those that changed most, as a share of their range where it is known, first.
  func table(_ data: Dataset) -> Table {
    let (old, new) = (triptych.example.input, triptych.changed)
    func share(_ column: Int) -> Double {
      let change = Double(abs(new[column] - old[column]))
      guard let columns = data.columns else { return change }
      let range = Double(columns.upper[column] - columns.lower[column])
      return range > 0 ? change / range : .infinity
    }
    let changed = (0..<old.count).filter { new[$0] != old[$0] }.map {
      (column: $0, share: share($0))
    }
    .sorted { ($1.share, $0.column) < ($0.share, $1.column) }
    let names = data.classNames
    var caption =
      "Example \(triptych.example.index): \(triptych.before.text(names)) becomes \(triptych.after.text(names))"
    let rest = changed.count - ChangedRow.most
    if rest > 0 { caption += "; \(rest) more columns changed less" }
    var titles: [Table.Column] = [.words("column"), .numbers("as it was"), .numbers("changed")]
    if data.columns != nil { titles.append(.numbers("of its range")) }
    var table = Table(caption: caption, columns: titles)
    for (column, share) in changed.prefix(ChangedRow.most) {
      var cells = [
        data.columns?.names[column] ?? "\(column + 1)",
        Format.significant(Double(old[column]), digits: 5),
        Format.significant(Double(new[column]), digits: 5),
      ]
      if data.columns != nil { cells.append(share.isFinite ? Format.percent(share) : "") }
      table.append(texts: cells)
    }
    return table
  }
}
