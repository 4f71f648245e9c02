import Foundation
import JSON
import Testing

/// `gibbon matrix`: networks against radii.
@Suite struct MatrixTests {
  private static let words =
    "matrix mnist-standard mnist-robust --threat linf:0.1,0.05 --threat l2:0.5,1"
    + " --attacks apgd-ce"

  private func matrix(_ words: String, in folder: Folder) throws -> (
    json: JSONValue, output: String
  ) {
    let result = try Command.run(line: words + " --json out.json", in: folder)
    try #require(result.status == 0, "\(result.errors)")
    return (try JSONValue(parsing: #require(folder.text("out.json"))), result.output)
  }

  @Test func theCellsAreConsistent() throws {
    let folder = try Folder()
    let (json, output) = try matrix(
      Self.words + " --count 4 --verify --report out.html", in: folder)
    #expect(folder.names == ["out.html", "out.json"])
    let columns = try #require(json["columns"]?.arrayValue)
    #expect(
      columns.compactMap { $0["threat"]?.stringValue } == [
        "linf:0.05", "linf:0.1", "l2:0.5", "l2:1",
      ])
    let rows = try #require(json["rows"]?.arrayValue)
    #expect(rows.compactMap { $0["model"]?.stringValue } == ["mnist-standard", "mnist-robust"])
    for row in rows {
      let examples = try #require(row["examples"]?.arrayValue)
      let cells = try #require(row["cells"]?.arrayValue)
      #expect(examples.count == 4 && cells.count == 4)
      #expect(row["contradictions"]?.arrayValue == [])
      #expect(
        row["clean_count"]?.intValue == examples.count { $0["prediction"] == $0["label"] })
      for (column, cell) in cells.enumerated() {
        for (count, member) in [("robust_count", "robust"), ("verified_count", "certified")] {
          #expect(
            cell[count]?.intValue
              == examples.count { $0[member]?.arrayValue?[column] == .bool(true) })
        }
      }
      for example in examples {
        let robust = (example["robust"]?.arrayValue ?? []).map { $0 == .bool(true) }
        let certified = (example["certified"]?.arrayValue ?? []).map { $0 == .bool(true) }
        try #require(robust.count == 4 && certified.count == 4)
        for start in [0, 2] {
          #expect(robust[start] || !robust[start + 1])
          #expect(certified[start] || !certified[start + 1])
        }
        #expect(zip(robust, certified).allSatisfy { $0 || !$1 })
        #expect(example["right"] == .bool(true) || robust == [false, false, false, false])
      }
    }
    #expect(output.contains("linf 0.05") && output.contains("l2 1") && output.contains("*"))
    #expect(try #require(folder.text("out.html")).contains("Within linf"))
  }

  @Test func aCellIsWhatAnEvaluationSays() throws {
    let folder = try Folder()
    let (json, _) = try matrix(Self.words + " --count 40", in: folder)
    let cells = try #require(json["rows"]?.arrayValue?[1]["cells"]?.arrayValue)
    for (column, threat) in [(0, "linf:0.05"), (2, "l2:0.5")] {
      let result = try Command.run(
        line: "evaluate mnist-robust --threat \(threat) --count 40 --attacks apgd-ce --no-checks"
          + " --json one.json",
        in: folder)
      try #require(result.status == 0, "\(result.errors)")
      let one = try JSONValue(parsing: #require(folder.text("one.json")))
      #expect(one["robust_accuracy"] == cells[column]["robust_accuracy"])
    }
  }

  @Test func interruptedAndResumed() throws {
    let words =
      "matrix mnist-standard mnist-robust --threat linf:0.05,0.1 --count 300"
      + " --attacks apgd-ce,apgd-t --batch 16"
    let folder = try Folder()
    let terminal = try PseudoTerminal()
    let command = try Command(
      (words + " --json out.json").split(separator: " ").map(String.init), in: folder.path,
      terminal: terminal)
    try command.wait { command.errorsSoFar.contains(#/mnist-robust, linf:0\.1 [1-9][0-9]* of/#) }
    command.interrupt()
    let stopped = try command.result()
    #expect(stopped.status == 130)
    #expect(stopped.errors.contains("run the same command again to continue"), "\(stopped.errors)")
    #expect(folder.names.contains("out.json.state-2-2"))
    let (resumed, _) = try matrix(words, in: folder)
    #expect(folder.names == ["out.json"])
    let (whole, _) = try matrix(words, in: folder)
    let parts = [resumed, whole].map { $0["rows"]?.arrayValue?.map { $0["examples"] } }
    #expect(parts[0] == parts[1] && parts[0]?.count == 2)
  }
}
