import Evaluation
import Files
import Reports
import Robustness
package import Studies

extension MatrixResult {
  /// What is printed.
  package var text: String {
    let count = matrix.rows[0].examples.count
    var lines = [
      "\(Format.count(matrix.rows.count)) networks on \(dataName), \(Format.count(count)) examples,"
        + " seed \(specification.seed)"
    ]
    lines += suites.sorted { $0.key < $1.key }.map { norm, suite in
      "\(norm): \(suite.members.map(\.name).joined(separator: ", "))"
    }
    lines += networks.compactMap { $0.row.alarm.map { "ERROR: \($0)" } }
    var parts = [lines.safeLines, "robust accuracy, at most:\n\n" + robustTable().text()]
    if isVerified {
      parts.append("verified accuracy, at least:\n\n" + verifiedTable().text())
    }
    var remarks: [String] = []
    if matrix.rows.count > 1 {
      remarks.append(
        "\(Self.best) best of its column, \(Self.tied) less, but not clearly (McNemar's exact test: 0.05 or more)"
      )
    }
    remarks += [
      "what a radius broke counts as broken within each larger one of its norm",
      "time \(Format.duration(seconds: seconds))"
        + (isVerified ? ", of which \(Format.duration(seconds: verifySeconds)) verified" : ""),
    ]
    parts.append(remarks.safeLines)
    return parts.map { $0.hasSuffix("\n") ? String($0.dropLast()) : $0 }
      .joined(separator: "\n\n")
  }

  /// The marks of the best of a column, and of what is not clearly less.
  static let (best, tied) = ("*", "=")

  /// Whether verified accuracies were asked for.
  var isVerified: Bool { matrix.rows.contains { $0.verified(0) != nil } }

  /// The seconds of the verification.
  var verifySeconds: Double { matrix.rows.reduce(0) { $0 + $1.verifySeconds } }

  /// The clean accuracy, then what attacks left within each radius.
  func robustTable() -> Table {
    table(
      clean: true, standings: matrix.columns.indices.map { c in matrix.standings { $0.isRobust[c] } }
    ) { row, column in row.robust(column) }
  }

  /// What is certified within each radius.
  func verifiedTable() -> Table {
    table(
      clean: false,
      standings: matrix.columns.indices.map { c in matrix.standings { $0.isCertified[c] } }
    ) { row, column in row.verified(column) }
  }

  private func table(
    clean: Bool, standings: [[RobustnessMatrix.Standing]],
    _ share: (RobustnessMatrix.Row, Int) -> Proportion?
  ) -> Table {
    var table = Table(
      columns: [.words("network")] + (clean ? [.numbers("clean")] : [])
        + matrix.columns.map { .numbers("\($0.norm) \($0.text)") })
    let natural = matrix.standings { $0.isRight }
    for (place, row) in matrix.rows.enumerated() {
      var cells = [Table.Cell(row.model)]
      if clean { cells.append(cell(row.clean, natural[place])) }
      for column in matrix.columns.indices {
        cells.append(
          share(row, column).map { cell($0, standings[column][place]) } ?? Table.Cell(""))
      }
      table.append(cells)
    }
    return table
  }

  /// A share with its count and its mark.
  private func cell(_ share: Proportion, _ standing: RobustnessMatrix.Standing) -> Table.Cell {
    let text = "\(Format.percent(share.share, decimals: 1)) (\(Format.count(share.count)))"
    guard matrix.rows.count > 1 else { return Table.Cell(text) }
    return switch standing {
    case .best where share.count == 0: Table.Cell(text + "  ")
    case .best: .emphasised("\(text) \(Self.best)")
    case .tied: Table.Cell("\(text) \(Self.tied)")
    case .behind: Table.Cell(text + "  ")
    }
  }
}
