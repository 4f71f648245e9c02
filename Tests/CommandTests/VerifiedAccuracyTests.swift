import Foundation
import Gibbon
import JSON
import Networks
import Tensors
import TestSupport
import Testing

/// Verified accuracy beside the one under attack: certified <= true <= attacked, on each example.
@Suite struct VerifiedAccuracyTests {
  private static let models = Fixtures.published + "/models"

  private func evaluate(
    _ words: String, in folder: Folder
  ) throws -> (json: JSONValue, output: String) {
    let result = try Command.run(line: "evaluate \(words) --json out.json", in: folder)
    try #require(result.status == 0, "\(result.errors)")
    return (try JSONValue(parsing: #require(folder.text("out.json"))), result.output)
  }

  /// Makes sure that nothing is certified and broken, and that shares are those of the examples.
  private func check(_ json: JSONValue) throws -> (certified: Int, robust: Int, count: Int) {
    let examples = try #require(json["examples"]?.arrayValue)
    let certified = examples.filter { $0["certified"] == .bool(true) }
    #expect(certified.allSatisfy { $0["robust"] == .bool(true) })
    #expect(certified.allSatisfy { ($0["certified_margin"]?.doubleValue ?? 0) < 0 })
    #expect(certified.allSatisfy { $0["prediction"] == $0["label"] })
    #expect(json["contradictions"]?.arrayValue == [])
    let share = Double(certified.count) / Double(examples.count)
    #expect(json["verified_accuracy"]?.doubleValue == share)
    let by = try #require(json["verified_by"])
    for bound in ["interval", "linear", "refined"] {
      let count = certified.count { $0["certified_by"]?.stringValue == bound }
      #expect(by[bound]?.intValue == count)
    }
    return (certified.count, examples.count { $0["robust"] == .bool(true) }, examples.count)
  }

  @Test func theBoundsBracketTheTrueAccuracy() throws {
    let folder = try Folder()
    let words = "mnist-robust --threat linf:0.02 --count 60 --attacks apgd-ce --no-checks --verify"
    let (json, output) = try evaluate(words + " --report out.html", in: folder)
    let (certified, robust, _) = try check(json)
    #expect(certified > 30 && certified <= robust)
    #expect(output.contains("verified accuracy") && output.contains("by intervals"))
    #expect(try #require(folder.text("out.html")).contains("verified to be read rightly"))
    // What is certified need not be attacked, and nothing else changes.
    let (skipped, _) = try evaluate(words + " --skip-certified", in: folder)
    let (again, held, _) = try check(skipped)
    #expect(again == certified && held == robust)
    let passes = [json, skipped].compactMap { $0["forward_evaluations"]?.intValue }
    #expect(passes.count == 2 && passes[1] < passes[0] / 2)
  }

  @Test(arguments: [
    ("--skip-certified", "--skip-certified is given without --verify"),
    ("--verify --data csv:out.csv --data-range columns", "each column of"),
  ])
  func whatCannotBeVerified(words: String, message: String) throws {
    let folder = try Folder()
    try folder.write(Array("a,b,label\n0,1,0\n10,5,1\n2,3,1\n".utf8), to: "out.csv")
    let model = words.contains("csv") ? try Self.table(in: folder) : "mnist-robust"
    let result = try Command.run(
      line: "evaluate \(model) --threat linf:0.1 --attacks fgsm --no-checks \(words)", in: folder)
    #expect(result.status == 2 && result.message.contains(message), "\(result.errors)")
  }

  /// A file of a linear network of two columns.
  private static func table(in folder: Folder) throws -> String {
    let network = try Network(
      "linear", input: InputDescription(shape: [2], upperBound: 10, classNames: ["0", "1"]), seed: 1
    ) { Linear(2) }
    try network.write(to: folder / "table.onnx")
    return "table.onnx"
  }

  @Test func anOperatorWithoutABoundIsNamed() throws {
    let folder = try Folder()
    let network = try Network("normalised", input: .mnist, seed: 1) {
      Flatten()
      Linear(8)
      LayerNorm()
      Linear(10)
    }
    try network.write(to: folder / "normalised.onnx")
    let result = try Command.run(
      line:
        "evaluate normalised.onnx --threat linf:0.1 --count 5 --attacks fgsm --no-checks --verify",
      in: folder)
    #expect(result.status == 2)
    #expect(
      result.message.contains(
        #/--verify: normalised\.onnx: no bound is known of .+ \(node [0-9]+ of [0-9]+, .+\)/#),
      "\(result.errors)")
  }

  @Test(
    "networks of others",
    .enabled(if: PublishedModelTests.isThere, "there is no folder ../shared/data"),
    arguments: [
      ("mnist_kw2018_eps0.1", "linf:0.1", 0.5), ("mnist_wk17a_eps0.1", "linf:0.1", 0.5),
      ("mnist_cnn_a_adv_sdp", "linf:0.1", 0.3),
    ])
  func published(model: String, threat: String, least: Double) throws {
    let (json, _) = try evaluate(
      "\(Self.models)/\(model).onnx --threat \(threat) --count 50 --attacks apgd-ce,square --no-checks --verify",
      in: try Folder())
    let (certified, robust, count) = try check(json)
    print("\(model) \(threat): certified \(certified), robust \(robust) of \(count)")
    #expect(certified <= robust && Double(certified) >= least * Double(count))
  }

  @Test func theLibrary() async throws {
    let network = try Network(path: "mnist-robust")
    let digits = try Dataset("mnist:test").prefix(30)
    let certification = try await network.certify(digits, within: "linf:0.02")
    let result = try await network.evaluate(
      on: digits, within: "linf:0.02", attacks: ["apgd-ce"], checks: false, verify: true)
    #expect(result.certification == certification)
    #expect(result.verifiedAccuracy == certification.accuracy.share)
    #expect(certification.accuracy.share <= result.robustAccuracy)
    #expect(certification.contradictions(with: result.evaluation.records).isEmpty)
    let box = try await network.certify(digits, within: "l2:0.02")
    #expect(box.accuracy.count >= certification.accuracy.count)
    await #expect(throws: (any Error).self) {
      _ = try await network.certify(digits, within: "rotation:3")
    }
  }
}
