import Datasets
import Files
import Insight
package import Reports
import Robustness
package import Studies

extension SpatialResult {
  /// What is printed.
  package var text: String {
    let count = rows[0].data.count
    let head = [
      "\(Format.count(rows.count)) \(rows.count == 1 ? "network" : "networks") on \(dataName), \(Format.count(count))"
        + " examples, \(specification.threat), seed \(specification.seed)",
      "grid of \(Format.count(rows[0].scan.grid.count)) points (\(specification.grid)); \(specification.ball)",
    ]
    let parts = [head.safeLines, table().text(), remarks.safeLines]
    return parts.map { $0.hasSuffix("\n") ? String($0.dropLast()) : $0 }
      .joined(separator: "\n\n")
  }

  private var remarks: [String] {
    var lines = rows.map { row in
      "\(name(row)): \(Format.count(row.brokenOffGrid)) examples are broken by a random draw or a gradient and by no point of"
        + " the grid; \(AttackRun.accuracy(row.withstanding)) withstand all three"
    }
    if rows.contains(where: \.isOnCanvas) {
      lines.append(
        "networks marked * see the examples on a black canvas, so that no change loses a pixel")
    }
    return lines + ["time \(Format.duration(seconds: seconds))"]
  }

  /// What tables call a network: a file by its name without folder and ending.
  func name(_ row: Row) -> String {
    let file = row.subject.name.split(separator: "/").last ?? Substring(row.subject.name)
    let ending = [".onnx", ".safetensors", ".pt", ".pth"].first { file.hasSuffix($0) }
    return file.dropLast(ending?.count ?? 0) + (row.isOnCanvas ? "*" : "")
  }

  /// What a column is called.
  func title(_ column: Column) -> String {
    switch column {
    case .natural: "natural"
    case .single: "random"
    case .random: "worst of \(specification.draws)"
    case .gradient: "gradient"
    case .grid: "grid"
    case .wholeGrid: "no loss"
    case .ball: specification.ball
    case .both: "both"
    }
  }

  /// The accuracies, a row for each network.
  package func table() -> Table {
    var table = Table(
      caption: "read rightly (%)",
      columns: [.words("network")] + Column.allCases.map { .numbers(title($0)) })
    for row in rows {
      table.append(
        texts: [name(row)]
          + Column.allCases.map { Format.fixed(100 * row.accuracy($0).share, decimals: 1) })
    }
    return table
  }
}
