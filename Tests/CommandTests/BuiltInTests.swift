import Foundation
import JSON
import Networks
import Testing

/// The networks that come with the command.
@Suite struct BuiltInTests {
  @Test func oneIsRobustAndTheOtherIsNot() throws {
    var robust: [String: Double] = [:]
    for name in ["mnist-standard", "mnist-robust"] {
      let folder = try Folder()
      let result = try Command.run(
        line: "attack \(name) --threat linf:0.3 --steps 20 --count 100 --json out.json",
        in: folder)
      #expect(result.status == 0 && result.errors.isEmpty)
      let json = try JSONValue(parsing: #require(folder.text("out.json")))
      #expect(json["model"]?.stringValue == name)
      #expect(try #require(json["clean_accuracy"]?.doubleValue) > 0.9)
      robust[name] = json["robust_accuracy"]?.doubleValue
    }
    #expect(try #require(robust["mnist-standard"]) < 0.1)
    #expect(try #require(robust["mnist-robust"]) > 0.6)
  }

  @Test("the third keeps its word: most examples are certified, and no attack breaks one of them")
  func mostAreCertified() throws {
    let folder = try Folder()
    let result = try Command.run(
      line: "evaluate mnist-certified --threat linf:0.3 --count 60 --attacks apgd-ce --no-checks"
        + " --verify --json out.json",
      in: folder)
    #expect(result.status == 0, "\(result.errors)")
    let json = try JSONValue(parsing: #require(folder.text("out.json")))
    #expect(try #require(json["verified_accuracy"]?.doubleValue) > 0.8)
    #expect(json["contradictions"]?.arrayValue?.isEmpty == true)
    #expect(
      try #require(json["verified_accuracy"]?.doubleValue)
        <= #require(json["robust_accuracy"]?.doubleValue))
  }

  @Test(arguments: BuiltInNetwork.allCases)
  func itsHistoryIsTold(network: BuiltInNetwork) throws {
    let folder = try Folder()
    let result = try Command.run("info", network.rawValue, "--json", "info.json", in: folder)
    #expect(result.status == 0 && result.errors.isEmpty)
    let json = try JSONValue(parsing: #require(folder.text("info.json")))
    #expect(json["architecture"]?.stringValue == (try network.load().network.architecture))
    let command = try #require(json["history"]?["command"]?.stringValue)
    #expect(command.hasPrefix("gibbon train "))
    #expect(command.contains("--threat linf:0.3") == (network != .mnistStandard))
    // Only a training that was finished is shipped.
    #expect(json["history"]?["progress.step"] == nil)
  }
}
