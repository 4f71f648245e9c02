import Corruptions
import JSON
import Reports
import Studies

extension InfoCommand {
  /// Lists the corruptions and which suites have them.
  ///
  /// - Throws: `StudyError` where something else is asked as well.
  func tellCorruptions() throws {
    guard model == nil, examples.data == nil, !recipes, recipe == nil else {
      throw StudyError("--corruptions is asked by itself; expected no MODEL, --data or recipe")
    }
    try OutputFiles.check([.json("--json", json)])
    var table = Table(
      columns: [.words("corruption"), .words("kind")]
        + CorruptionSuite.allCases.map { .words($0.rawValue) } + [.words("what it is")])
    for row in CorruptionRow.all {
      table.append(
        texts: [row.name, row.family.rawValue]
          + CorruptionSuite.allCases.map { severities(of: row, in: $0) } + [row.summary])
    }
    var delivery = Delivery()
    delivery.tell(
      table.text() + "\nSeverities; in brackets those at which MNIST-C was published.")
    delivery.write(
      StudyRecord(
        "info", nil,
        [
          "command": ShellWords.json(ShellWords.ownWords),
          "corruptions": .array(
            CorruptionRow.all.map { row in
              [
                "name": JSONValue(row.name), "family": JSONValue(row.family.rawValue),
                "summary": JSONValue(row.summary), "published": JSONValue(row.published),
                "suites": .array(row.suites.map { JSONValue($0.rawValue) }),
              ]
            }),
        ]
      ).text, to: json)
    try delivery.finish()
  }

  /// Such as `1-5`, or `1-5 (4)`.
  private func severities(of row: CorruptionRow, in suite: CorruptionSuite) -> String {
    guard row.suites.contains(suite) else { return "" }
    let range = row.severities(in: suite)
    if range.count == 1 { return "1" }
    let published = suite == .mnistC ? row.published.map { " (\($0))" } ?? "" : ""
    return "\(range.lowerBound)-\(range.upperBound)\(published)"
  }
}
