import Foundation
import Networks
import Reports
import Tensors
import Testing

/// What results say of changes near the boundary.
@Suite struct RoundingTests {
  @Test func theRecordHoldsBothNumbers() throws {
    let folder = try Folder()
    let result = try Command.run(
      line: "attack \(try Trained.network.path) --data mnist:test --count 30 --threat rotation:90 "
        + "--attack boundary-search --json out.json --save out.safetensors", in: folder)
    try #require(result.status == 0, "\(result.errors)")
    let json = try JSONValue(parsing: #require(folder.text("out.json")))
    let examples = try #require(json["examples"]?.arrayValue)
    let broken = examples.filter { $0["witness"] != .null }
    #expect(broken.count > 5)
    for example in examples where example["nearest"] == .null {
      #expect(example["rounding"] == .null && example["margin"] == .null)
    }
    let file = try SafeTensorsFile(path: folder / "out.safetensors")
    var verified = 0
    for (row, example) in broken.enumerated() {
      let rounding = try #require(example["rounding"])
      let margin = try #require(example["margin"]?.doubleValue)
      #expect(file.tensors["margin"]?[row] == Float(margin) && margin > 0)
      guard rounding["check"]?.stringValue == "verified" else {
        #expect(rounding["check"]?.stringValue == "clear")
        #expect(file.tensors["margin_float64"]?[row].isNaN == true)
        continue
      }
      verified += 1
      let precise = try #require(rounding["margin_float64"]?.doubleValue)
      let difference = try #require(rounding["difference"]?.doubleValue)
      #expect(precise > 10 * difference && abs(precise - margin) <= difference)
      #expect(file.tensors["margin_float64"]?[row] == Float(precise))
      #expect(file.tensors["rounding_difference"]?[row] == Float(difference))
    }
    #expect(verified > 0)
  }

  @Test func anEvaluationSaysThemToo() throws {
    let folder = try Folder()
    let result = try Command.run(
      line: "evaluate \(try Trained.network.path) --data mnist:test --count 20 --threat linf:0.1 "
        + "--attacks pgd,fmn --no-checks --json out.json --save out.npz", in: folder)
    try #require(result.status == 0, "\(result.errors)")
    let json = try JSONValue(parsing: #require(folder.text("out.json")))
    let examples = try #require(json["examples"]?.arrayValue)
    let broken = examples.filter { $0["witness"] != .null }
    #expect(!broken.isEmpty)
    for example in broken {
      let check = example["rounding"]?["check"]?.stringValue
      #expect(check == "clear" || check == "verified")
      #expect(try #require(example["margin"]?.doubleValue) > 0)
    }
    for example in examples where example["witness"] == .null {
      #expect(example["rounding"] == .null && example["margin"] == .null)
    }
  }
}
