import Corruptions
import Datasets
import Files
import Insight
import Reports
import Robustness
package import Studies

extension CorruptionResult {
  /// What is printed.
  package var text: String {
    var lines = [
      "\(subject.name) on \(data.name), \(Format.count(accuracies.clean.total)) examples,"
        + " \(accuracies.suite.rawValue), seed \(specification.seed)",
      "clean accuracy \(Format.percent(accuracies.clean.share, decimals: 2)), in the mean of"
        + " \(accuracies.names.count) \(CorruptionResult.noun(accuracies.names.count)) \(Format.percent(accuracies.meanAccuracy, decimals: 2))",
    ]
    if let worst = accuracies.worstMeanAccuracy {
      lines.append(
        "right in every one of \(specification.worstOf) draws: \(Format.percent(worst, decimals: 2)) in the mean"
      )
    }
    if let base { lines.append(errorLine(base)) }
    var parts = [lines.safeLines, accuracyTable().text()]
    if let drift {
      parts += [CorruptionResult.stepTable(drift), CorruptionResult.classTable(drift)].compactMap {
        $0?.text()
      }
    }
    parts.append("time \(Format.duration(seconds: seconds))")
    return parts.map { $0.hasSuffix("\n") ? String($0.dropLast()) : $0 }
      .joined(separator: "\n\n")
  }

  /// The mean corruption errors, in a line.
  private func errorLine(_ base: Base) -> String {
    let (plain, relative) = meanErrors
    let count = accuracies.commonNames.count
    return
      "against \(base.name): mean corruption error \(CorruptionResult.text(plain)),"
      + " relative \(CorruptionResult.text(relative)), over \(count) \(CorruptionResult.noun(count))"
  }

  private static func noun(_ count: Int) -> String { count == 1 ? "corruption" : "corruptions" }

  /// An error in shares of the base's, in percent as in the literature.
  static func text(_ error: Double?) -> String {
    error.map { Format.percent($0, decimals: 1) } ?? "undefined"
  }

  /// The severities that there are.
  private var severities: [Int] { Set(accuracies.cells.map(\.severity)).sorted() }

  /// The accuracy by corruption and severity.
  func accuracyTable() -> Table {
    let names = accuracies.names
    // Where each corruption has one severity, that is a column.
    let isList = names.allSatisfy { accuracies.cells(of: $0).count == 1 }
    var columns: [Table.Column] = [.words("corruption")]
    columns +=
      isList
      ? [.numbers("severity"), .numbers("accuracy")]
      : severities.map { .numbers("\($0)") } + [.numbers("mean")]
    if specification.worstOf > 1 { columns.append(.numbers("every draw")) }
    if base != nil { columns += [.numbers("error"), .numbers("relative")] }
    var table = Table(columns: columns)
    for name in names {
      let cells = accuracies.cells(of: name)
      func percent(_ share: Double) -> String { Format.percent(share, decimals: 1) }
      var row = [name]
      if isList {
        row += ["\(cells[0].severity)", percent(cells[0].right.share)]
      } else {
        row += severities.map { severity in
          cells.first { $0.severity == severity }.map { percent($0.right.share) } ?? ""
        }
        row.append(percent(accuracies.mean(of: name)))
      }
      if specification.worstOf > 1 {
        row.append(accuracies.worstMean(of: name).map(percent) ?? "")
      }
      if let base {
        row += [false, true].map {
          CorruptionResult.text(
            accuracies.error(of: name, against: base.accuracies, isRelative: $0))
        }
      }
      table.append(texts: row)
    }
    return table
  }

  /// The accuracy as corruptions grow; `nil` where none has severities.
  static func stepTable(_ drift: Drift) -> Table? {
    guard drift.steps.count > 1 else { return nil }
    var table = Table(
      caption: "as corruptions grow",
      columns: [.numbers("severity"), .numbers("mean"), .numbers("least"), .words("of")])
    for step in drift.steps {
      table.append(texts: [
        "\(step.severity)", Format.percent(step.mean, decimals: 1),
        Format.percent(step.least, decimals: 1), step.worst,
      ])
    }
    return table
  }

  /// The accuracy as the frequencies of classes change.
  static func classTable(_ drift: Drift) -> Table? {
    var table = Table(
      caption: "as classes become more or less frequent (\(Format.count(Drift.draws)) draws each)",
      columns: [
        .numbers("Dirichlet"), .numbers("mean"), .numbers("5 %"), .numbers("95 %"),
        .numbers("least"),
      ])
    for shift in drift.classes {
      table.append(
        texts: [Format.shortest(shift.concentration)]
          + [shift.mean, shift.low, shift.high, shift.least].map {
            Format.percent($0, decimals: 1)
          })
    }
    return table
  }
}
