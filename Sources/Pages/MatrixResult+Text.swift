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
    var parts = [lines.safeLines, robustTable().text()]
    if isVerified { parts.append(verifiedTable().text()) }
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

  /// What tables call the networks: files by their names without folder and ending, where these tell them apart.
  var names: [String] {
    let names = matrix.rows.map(\.model)
    let short = names.map { name -> String in
      let file = name.split(separator: "/").last ?? Substring(name)
      let ending = [".onnx", ".safetensors", ".pt", ".pth"].first { file.hasSuffix($0) }
      return String(file.dropLast(ending?.count ?? 0))
    }
    return Set(short).count == short.count ? short : names
  }

  /// The norms, in the order of the columns.
  var norms: [String] {
    matrix.columns.reduce(into: []) { if !$0.contains($1.norm) { $0.append($1.norm) } }
  }

  /// Whether verified accuracies were asked for.
  var isVerified: Bool { matrix.rows.contains { $0.verified(0) != nil } }

  /// The seconds of the verification.
  var verifySeconds: Double { matrix.rows.reduce(0) { $0 + $1.verifySeconds } }

  /// The clean accuracy, then what attacks left within each radius, of one norm or of all.
  func robustTable(_ norm: String? = nil) -> Table {
    table(
      "under attack, at most", norm, isClean: true,
      standings: matrix.columns.indices.map { c in matrix.standings { $0.isRobust[c] } }
    ) { row, column in row.robust(column) }
  }

  /// What is certified within each radius, of one norm or of all.
  func verifiedTable(_ norm: String? = nil) -> Table {
    table(
      "verified, at least", norm, isClean: false,
      standings: matrix.columns.indices.map { c in matrix.standings { $0.isCertified[c] } }
    ) { row, column in row.verified(column) }
  }

  private func table(
    _ caption: String, _ norm: String?, isClean clean: Bool,
    standings: [[RobustnessMatrix.Standing]],
    _ share: (RobustnessMatrix.Row, Int) -> Proportion?
  ) -> Table {
    let columns = matrix.columns.indices.filter { norm == nil || matrix.columns[$0].norm == norm }
    var table = Table(
      caption: norm == nil ? caption : "\(caption) (%)",
      columns: [.words("network")] + (clean ? [.numbers("clean")] : [])
        + columns.map { column in
          let (name, radius) = (matrix.columns[column].norm, matrix.columns[column].text)
          return .numbers(norm == nil ? "\(name) \(radius)" : radius)
        })
    let natural = matrix.standings { $0.isRight }
    for (place, row) in matrix.rows.enumerated() {
      var cells = [Table.Cell(names[place])]
      if clean { cells.append(cell(row.clean, natural[place], isShort: norm != nil)) }
      for column in columns {
        cells.append(
          share(row, column).map {
            cell($0, standings[column][place], isShort: norm != nil)
          } ?? Table.Cell(""))
      }
      table.append(cells)
    }
    return table
  }

  /// A share with its count and its mark; the short one leaves the unit to the caption.
  private func cell(
    _ share: Proportion, _ standing: RobustnessMatrix.Standing, isShort: Bool
  ) -> Table.Cell {
    let percent =
      isShort
      ? Format.fixed(100 * share.share, decimals: 1) : Format.percent(share.share, decimals: 1)
    let text = "\(percent) (\(Format.count(share.count)))"
    guard matrix.rows.count > 1 else { return Table.Cell(text) }
    return switch standing {
    case .best where share.count == 0: Table.Cell(text + "  ")
    case .best: .emphasised("\(text) \(Self.best)")
    case .tied: Table.Cell("\(text) \(Self.tied)")
    case .behind: Table.Cell(text + "  ")
    }
  }
}
