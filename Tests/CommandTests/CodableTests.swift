import Foundation
import Gibbon
import TestSupport
import Testing

/// What a user of the library gets back survives being written and read.
@Suite struct CodableTests {
  /// The same value, after a way through JSON.
  private func passed<Value: Codable>(_ value: Value) throws -> Value {
    try JSONDecoder().decode(Value.self, from: JSONEncoder().encode(value))
  }

  private func expectSame<Value: Codable & Equatable>(
    _ value: Value, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    #expect(try passed(value) == value, sourceLocation: sourceLocation)
  }

  private func json(_ value: some Encodable) throws -> JSONValue {
    try JSONValue(parsing: Array(JSONEncoder().encode(value)))
  }

  @Test(arguments: ["linf:0.1", "rotation:30", "l2:1.5|shift:3"])
  func outcomesOfAttacks(threat: String) async throws {
    let network = try Network(path: "mnist-standard")
    let digits = try Dataset("mnist:test").prefix(12)
    let outcomes = try await network.attack(digits, by: PGD { $0.steps = 5 }, within: threat)
    #expect(outcomes.contains { $0.adversarialExample != nil })
    try expectSame(outcomes)
  }

  @Test func outcomesOfMinimumNormAttacks() async throws {
    let network = try Network(path: "mnist-robust")
    let digits = try Dataset("mnist:test").prefix(5)
    let outcomes = try await network.attack(digits, by: DeepFool(), within: "l2:0.1")
    #expect(outcomes.contains { $0.adversarialExample == nil && $0.nearest != nil })
    try expectSame(outcomes)
    let first = try json(outcomes)[0]
    #expect(first?["clean_margin"]?.doubleValue == outcomes[0].cleanMargin)
    #expect(
      first?["nearest"]?["witness"]?.stringValue == outcomes[0].nearest?.hash
        && first?["passes"]?["forward_evaluations"]?.intValue == outcomes[0].passes.forward)
  }

  @Test func evaluations() async throws {
    let network = try Network(path: "mnist-robust")
    let result = try await network.evaluate(
      on: Dataset("mnist:test").prefix(6), within: "linf:0.4", attacks: ["noise", "fgsm"])
    try expectSame(result.evaluation)
    try expectSame(result.evaluation.contributions)
    try expectSame(result.checks)
    try expectSame(result.record)
    let record = try JSONDecoder().decode(
      StudyRecord.self, from: JSONEncoder().encode(result))
    #expect(record == result.record && record.count == 6 && record.verb == "evaluate")
    let folder = try Folder()
    try result.record.write(to: folder / "record.json")
    #expect(try StudyRecord(path: folder / "record.json") == record)
    #expect(
      try JSONDecoder().decode(
        StudyRecord.self, from: Data(#require(folder.text("record.json")).utf8)) == record)
    // Of a network at hand there is neither a command nor a specification.
    try await result.writePage(to: folder / "page.html")
    let page = try #require(folder.text("page.html"))
    #expect(!page.contains("How to reproduce it") && page.contains("What was checked"))
  }

  @Test func studies() async throws {
    var asked = AttackSpecification(model: "mnist-standard", threat: "linf:0.1")
    asked.data.count = 4
    asked.attack = "fgsm"
    let run = try await AttackStudy(asked).run()
    let record = try JSONDecoder().decode(StudyRecord.self, from: JSONEncoder().encode(run))
    #expect(record == run.record)
    #expect(try record.specification(as: AttackSpecification.self) == asked)
    let folder = try Folder()
    try await run.writePage(to: folder / "page.html")
    let page = try #require(folder.text("page.html"))
    #expect(page.contains("How to reproduce it") && page.contains("mnist-standard&quot;,"))
    var prediction = PredictionSpecification(model: "mnist-robust")
    prediction.data.count = 3
    prediction.gradient = true
    let outputs = try await PredictionStudy(prediction).run()
    try expectSame(outputs)
    #expect(outputs.logits.shape == [3, 10] && outputs.gradient?.shape == [3, 1, 28, 28])
  }

  @Test(arguments: 0..<100)
  func records(seed: UInt64) throws {
    var chance = SeededGenerator(seed)
    func number() -> Double {
      [.infinity, -.infinity, -0.0, Double.random(in: -9...9, using: &chance), 1e300, 3]
        .randomElement(using: &chance) ?? 0
    }
    func count() -> Int { .random(in: 0...99, using: &chance) }
    func passes() -> Passes { Passes(forward: count(), backward: count()) }
    func maybe<Value>(_ value: Value) -> Value? { Bool.random(using: &chance) ? value : nil }
    let roundings: [Rounding] = [
      .clear, .unverified, .verified(margin: number(), difference: number()),
    ]
    let values = (0..<6).map { _ in Float(number()) }
    let record = ExampleRecord(
      index: count(), label: count(), prediction: maybe(count()), cleanMargin: number(),
      margin: number(),
      adversarialExample: maybe(
        ExampleRecord.Break(
          input: Tensor(values, shape: [1, 2, 3]), margin: number(),
          rounding: roundings.randomElement(using: &chance) ?? .clear, prediction: maybe(count()),
          distance: number(), attack: "pgd", restart: count())),
      nearest: maybe(number()), passes: passes(), stagePasses: [passes(), passes()],
      failure: maybe("the attack stalled"))
    try expectSame(record)
    try expectSame(Evaluation(stages: ["pgd"], records: [record, record]))
    try expectSame(PairedComparison([true, false, true], [true, true, false]))
    try expectSame(AccuracyCurve(radii: [0, 0.1], bounds: [0, 0.05, .infinity]))
    let shape: Shape = [1, 2]
    let failures: [Failure] = [
      .threw("a \"b\""), .stalled, .overBudget(passes()), .notRevealed(.gradients), .notANumber,
      .wrongShape(given: shape, expected: []), .outside, .notAttempted,
    ]
    try expectSame(failures)
    let targets: [Targets] = [
      .classes([3, 0]), .multiLabel([true, false], width: 2), .numbers([0.1, -7], width: 1),
    ]
    try expectSame(targets)
  }

  @Test func theirNamesAreThoseOfRecords() throws {
    let rounding = Rounding.verified(margin: 0.5, difference: 0.25)
    #expect(
      try json(rounding) == ["check": "verified", "margin_float64": 0.5, "difference": 0.25])
    #expect(try json(Rounding.unverified) == ["check": "not verified"])
    let finding = Finding(.labels, "a", mend: "b")
    #expect(try json(finding) == ["kind": "labels", "evidence": "a", "mend": "b"])
    let check = Check(.blackBox, .suspicious, "a", advice: "b")
    #expect(
      try json(check) == [
        "kind": "black-box-better", "status": "suspicious", "evidence": "a", "advice": "b",
      ])
    try expectSame(finding)
    try expectSame(check)
  }

  @Test func numbersThatAreNoneSurvive() throws {
    let odd = Tensor<Float>([.nan, .infinity, -.infinity, 0.1], shape: [2, 2])
    #expect(try json(odd) == ["shape": [2, 2], "values": ["nan", "inf", "-inf", 0.1]])
    let read = try passed(odd)
    #expect(read[0].isNaN && read[1] == .infinity && read[2] == -.infinity && read[3] == 0.1)
    try expectSame(Tensor<Double>([1.0 / 3, -0.0, .leastNonzeroMagnitude], shape: [3]))
  }

  @Test(arguments: [
    "{\"shape\": [2, 2], \"values\": [1, 2, 3]}", "{\"shape\": [-1], \"values\": []}",
    "{\"shape\": [9223372036854775807, 4], \"values\": []}",
    "{\"shape\": [1], \"values\": [\"many\"]}",
  ])
  func damagedTensorsAreRefused(text: String) {
    #expect(throws: DecodingError.self) {
      try JSONDecoder().decode(Tensor<Float>.self, from: Data(text.utf8))
    }
  }

  @Test func whatDoesNotGoTogetherIsRefused() throws {
    let record = ExampleRecord(
      index: 0, label: 0, prediction: 0, cleanMargin: -1, margin: 1,
      adversarialExample: ExampleRecord.Break(
        input: Tensor([0.5], shape: [1]), margin: 1, rounding: .clear, prediction: 1, distance: 0.5,
        attack: "pgd", restart: 0),
      nearest: nil, passes: .zero, stagePasses: [], failure: nil)
    let text = try json(record).text().replacing("[0.5]", with: "[0.25]")
    #expect(throws: DecodingError.self) {
      try JSONDecoder().decode(ExampleRecord.self, from: Data(text.utf8))
    }
    #expect(throws: DecodingError.self) {
      try JSONDecoder().decode(Proportion.self, from: Data("{\"count\": 3, \"total\": 2}".utf8))
    }
    #expect(throws: StudyError.self) {
      try JSONDecoder().decode(StudyRecord.self, from: Data("{\"schema\": 99}".utf8))
    }
  }

  @Test func errorsHaveALocalizedDescription() throws {
    func line(_ work: () throws -> Void) -> String {
      do {
        try work()
        return ""
      } catch {
        #expect("\(error)" == error.localizedDescription)
        return error.localizedDescription
      }
    }
    #expect(line { _ = try Network(path: "none.onnx") }.hasPrefix("none.onnx: "))
    #expect(line { _ = try Dataset("npz:none") }.hasPrefix("none: cannot be read: "))
    #expect(line { _ = try Ball(.two, radius: -1) }.contains("radius"))
    #expect(line { _ = try JSONValue(parsing: "[") } == "the JSON ends too early at byte 1")
  }
}
