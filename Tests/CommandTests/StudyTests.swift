import Files
import Foundation
import JSON
import Studies
import Testing

/// Studies of the library beside the command: what one process writes down another one runs.
@Suite struct StudyTests {
  @Test func aProgramOfThirtyLinesEvaluatesCancelsResumesAndWrites() throws {
    let folder = try Folder()
    let program = URL(filePath: Command.executable).deletingLastPathComponent()
      .appending(path: "example-studies").path
    let run = try Command([folder.path], in: folder.path, executable: program)
    let result = try run.result()
    #expect(result.status == 0, "\(result.errors)")
    #expect(result.output.contains("of 40"), "\(result.output)")
    #expect(
      result.output.contains("run the same command again to continue")
        && result.output.contains("going on with"), "\(result.output)")
    let record = try StudyRecord(path: folder / "record.json")
    #expect(record.verb == "evaluate" && record.count == 40 && record.schema == 1)
    #expect(folder.text("page.html")?.contains("Robustness of mnist-robust") == true)
    #expect(!WholeFile.exists(folder / "state"))
    let asked: EvaluationSpecification = try record.specification()
    #expect(asked.model == "mnist-robust" && asked.data.count == 40)
  }

  @Test func aSpecificationFromACommandRunsInAnotherProcessWithTheSameRecord() async throws {
    let folder = try Folder()
    let words = [
      "attack", "mnist-robust", "--threat", "linf:0.3", "--count", "12", "--attack", "pgd",
      "--steps", "7", "--restarts", "2", "--seed", "3", "--target", "5", "--exact", "--json",
      "a.json",
    ]
    let run = try Command(words, in: folder.path).result()
    #expect(run.status == 0, "\(run.errors)")
    let record = try StudyRecord(path: folder / "a.json")
    let study = try AttackStudy(try record.specification())
    let again = try await study.run().record
    #expect(comparable(record) == comparable(again))
    let asked: AttackSpecification = try record.specification()
    #expect(asked.options == ["steps": "7", "restarts": "2"] && asked.target == "5")
  }

  @Test func twoStudiesRunAtOnceInOneProcess() async throws {
    func study(_ seed: UInt64) throws -> AttackStudy {
      var asked = AttackSpecification(model: "mnist-robust", threat: "linf:0.3")
      asked.data.count = 30
      asked.options = ["steps": "10"]
      asked.engine.exact = true
      asked.seed = seed
      return try AttackStudy(asked)
    }
    let alone = [
      comparable(try await study(1).run().record), comparable(try await study(2).run().record),
    ]
    async let first = study(1).run()
    async let second = study(2).run()
    let together = [comparable(try await first.record), comparable(try await second.record)]
    #expect(alone == together)
  }

  @Test func aCancelledAttackKeepsWhatIsFinished() async throws {
    var asked = AttackSpecification(model: "mnist-robust", threat: "linf:0.3")
    asked.data.count = 400
    asked.options = ["steps": "200", "restarts": "20"]
    let study = try AttackStudy(asked)
    let (events, source) = AsyncStream.makeStream(of: Int.self)
    let task = Task {
      defer { source.finish() }
      return try await study.run(
        telling: Observer { if case .progress(let progress) = $0 { source.yield(progress.done) } })
    }
    for await done in events where done >= 5 { task.cancel() }
    let run = try await task.value
    let record = run.record
    #expect(record.examples.count >= 5 && record.examples.count < 400)
    #expect(record.json["unfinished"]?.intValue == 400 - record.examples.count)
    #expect(record.robustAccuracy == nil)
  }

  @Test func recordsOfLaterSchemasAreRefusedByName() throws {
    let folder = try Folder()
    try folder.write(#"{"verb": "attack", "schema": 2}"#.utf8, to: "later.json")
    let error = #expect(throws: StudyError.self) { try StudyRecord(path: folder / "later.json") }
    #expect(
      error?.description
        == "\(folder / "later.json"): is a record of schema 2, from a later version of Gibbon; expected schema 1 at"
        + " most")
    try folder.write(#"{"verb": "attack", "clean_accuracy": 0.5}"#.utf8, to: "earlier.json")
    let earlier = try StudyRecord(path: folder / "earlier.json")
    #expect(earlier.schema == 0 && earlier.cleanAccuracy == 0.5)
    let missing = #expect(throws: StudyError.self) {
      let _: AttackSpecification = try earlier.specification()
    }
    #expect(missing?.description.contains("written by an earlier version") == true)
  }

  /// A record but for what differs from run to run: the time, the command and the batch sizes that were tried.
  private func comparable(_ record: StudyRecord) -> JSONValue {
    guard case .object(var object) = record.json else { return record.json }
    for name in ["seconds", "command"] { object[name] = nil }
    return .object(object)
  }
}
