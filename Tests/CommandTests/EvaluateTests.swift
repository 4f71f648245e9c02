import Foundation
import JSON
import Networks
import Tensors
import Testing

/// `gibbon evaluate`: what it writes, gates, compares, keeps and goes on with.
@Suite struct EvaluateTests {
  private static let quick = "--attacks fgsm,pgd --no-checks"

  private func evaluate(
    _ words: String, in folder: Folder, status: Int32 = 0
  ) throws -> (json: JSONValue, output: String) {
    let network = try Trained.network.path
    let result = try Command.run(
      line: "evaluate \(network) --json out.json \(words)", in: folder)
    try #require(result.status == status, "\(result.errors)")
    return (try JSONValue(parsing: #require(folder.text("out.json"))), result.output)
  }

  @Test func theObjectIsConsistent() throws {
    let folder = try Folder()
    let (json, output) = try evaluate(
      "--threat linf:0.03 --count 150 --report out.html \(Self.quick)", in: folder)
    #expect(folder.names == ["out.html", "out.json"])
    #expect(json["verb"]?.stringValue == "evaluate")
    #expect(json["threat"]?.stringValue == "linf:0.03")
    let examples = try #require(json["examples"]?.arrayValue)
    try #require(examples.count == 150 && json["count"]?.intValue == 150)
    let right = examples.count { $0["prediction"] == $0["label"] }
    let robust = examples.count { $0["robust"] == .bool(true) }
    let broken = examples.count { $0["witness"] != .null }
    #expect(right - broken == robust && robust < right)
    #expect(json["clean_accuracy"]?.doubleValue == Double(right) / 150)
    #expect(json["robust_accuracy"]?.doubleValue == Double(robust) / 150)
    let interval = (json["robust_interval"]?.arrayValue ?? []).compactMap { $0.doubleValue }
    try #require(interval.count == 2)
    #expect(interval[0] < Double(robust) / 150 && Double(robust) / 150 < interval[1])
    let attacks = try #require(json["attacks"]?.arrayValue)
    #expect(attacks.compactMap { $0["name"]?.stringValue } == ["fgsm", "pgd"])
    #expect(attacks.compactMap { $0["broken"]?.intValue }.reduce(0, +) == broken)
    #expect(attacks[0]["tried"]?.intValue == right)
    let first = try #require(attacks[0]["broken"]?.intValue)
    #expect(attacks[1]["tried"]?.intValue == right - first)
    for attack in attacks {
      let name = try #require(attack["name"]?.stringValue)
      #expect(
        attack["broken"]?.intValue == examples.count { $0["attack"]?.stringValue == name })
      #expect(output.contains(name))
    }
    let classes = try #require(json["classes"]?.arrayValue)
    #expect(classes.compactMap { $0["count"]?.intValue }.reduce(0, +) == 150)
    for example in examples where example["witness"] != .null {
      #expect(try #require(example["distance"]?.doubleValue) <= 0.03)
    }
    let page = try #require(folder.text("out.html"))
    #expect(page.contains("Attack by attack") && page.contains("data:image/png"))
  }

  @Test func aRadiusOfZeroIsTheCleanAccuracy() throws {
    let (json, _) = try evaluate("--threat linf:0 --count 100 \(Self.quick)", in: try Folder())
    #expect(json["robust_accuracy"] == json["clean_accuracy"])
  }

  @Test func theCurveFallsAndMeetsTheRadius() throws {
    let (json, _) = try evaluate(
      "--threat linf:0.04 --count 100 --curve 0:0.08:0.02 \(Self.quick)", in: try Folder())
    let curve = try #require(json["curve"]?.arrayValue)
    let radii = curve.compactMap { $0["radius"]?.doubleValue }
    let shares = curve.compactMap { $0["robust_accuracy"]?.doubleValue }
    #expect(radii == [0, 0.02, 0.04, 0.06, 0.08])
    #expect(zip(shares, shares.dropFirst()).allSatisfy { $0 >= $1 })
    #expect(shares[0] == json["clean_accuracy"]?.doubleValue)
    #expect(shares[2] == json["robust_accuracy"]?.doubleValue)
    #expect(shares[4] < shares[2])
    // It can be made again from what is said of the examples.
    let examples = try #require(json["examples"]?.arrayValue)
    for (radius, share) in zip(radii, shares) {
      let held = examples.count { example in
        example["prediction"] == example["label"]
          && (example["nearest"]?.doubleValue ?? .infinity) > radius
      }
      #expect(abs(Double(held) / 100 - share) < 1e-9, "\(radius)")
    }
    // The curve is made afterwards, and costs the evaluation nothing.
    let (alone, _) = try evaluate("--threat linf:0.04 --count 100 \(Self.quick)", in: try Folder())
    #expect(alone["forward_evaluations"] == json["forward_evaluations"])
    #expect(
      try #require(alone["robust_accuracy"]?.doubleValue) >= shares[2])
  }

  @Test(arguments: [("0.001", 0), ("0.99", 1)])
  func theGate(bound: String, status: Int) throws {
    let folder = try Folder()
    let network = try Trained.network.path
    let result = try Command.run(
      line: "evaluate \(network) --threat linf:0.02 --count 60 --fail-below \(bound) \(Self.quick)",
      in: folder)
    #expect(result.status == Int32(status))
    #expect(result.output.contains("robust accuracy"))
    #expect((status == 1) == result.errors.contains("--fail-below"))
    #expect(folder.names.isEmpty)
  }

  @Test func theChecklist() throws {
    let (json, output) = try evaluate(
      "--threat linf:0.05 --count 60 --attacks pgd,noise", in: try Folder())
    let checks = try #require(json["checks"]?.arrayValue)
    #expect(checks.count == 10)
    #expect(checks.allSatisfy { $0["status"]?.stringValue != "suspicious" }, "\(output)")
    #expect(output.contains("zero-gradients"))
  }

  @Test func twoNetworks() throws {
    let folder = try Folder()
    let (json, output) = try evaluate(
      "--threat linf:0.05 --count 80 --model2 mnist-robust \(Self.quick)", in: folder)
    let comparison = try #require(json["comparison"])
    let counts = ["both", "only_first", "only_second", "neither"].compactMap {
      comparison[$0]?.intValue
    }
    #expect(counts.reduce(0, +) == 80)
    #expect(counts[2] > counts[1])
    #expect(try #require(comparison["probability"]?.doubleValue) < 0.01)
    #expect(json["second"]?["model"]?.stringValue == "mnist-robust")
    #expect(output.contains("mnist-robust is more robust"))
    #expect(folder.names == ["out.json"])
  }

  @Test func pictures() throws {
    let folder = try Folder()
    let (json, _) = try evaluate(
      "--threat linf:0.05 --count 40 --eight-bit --save pictures \(Self.quick)", in: folder)
    let examples = try #require(json["examples"]?.arrayValue)
    let names = try FileManager.default.contentsOfDirectory(atPath: folder / "pictures")
    #expect(names.count == examples.count { $0["witness"] != .null } && names.count > 0)
    #expect(names.allSatisfy { $0.hasSuffix(".png") })
  }

  @Test func interruptedAndResumed() throws {
    let words =
      "evaluate \(try Trained.network.path) --threat linf:0.02 --count 400 --no-checks "
      + "--attacks apgd-ce,apgd-t --batch 16"
    let folder = try Folder()
    let terminal = try PseudoTerminal()
    let command = try Command(
      (words + " --json out.json").split(separator: " ").map(String.init), in: folder.path,
      terminal: terminal)
    try command.wait { command.errorsSoFar.contains(#/evaluate [1-9][0-9]* of 400 examples/#) }
    command.interrupt()
    let stopped = try command.result()
    #expect(stopped.status == 130)
    #expect(
      stopped.errors.contains(
        #/interrupted after [0-9]+ of 400 examples; out\.json\.state holds them/#))
    #expect(folder.names == ["out.json.state"])

    // Another seed is another evaluation.
    let other = try Command.run(line: words + " --json out.json --seed 7", in: folder)
    #expect(other.status == 2)
    #expect(other.message.contains("seed ('0', and now it is '7')"), "\(other.errors)")

    let resumed = try Command.run(line: words + " --json out.json", in: folder)
    #expect(resumed.status == 0)
    #expect(resumed.errors.contains(#/going on with [0-9]+ of 400 examples/#))
    #expect(folder.names == ["out.json"])
    let whole = try Command.run(line: words + " --json whole.json", in: folder)
    #expect(whole.status == 0)
    let parts = try ["out.json", "whole.json"].map {
      try #require(try JSONValue(parsing: folder.text($0) ?? "")["examples"])
    }
    #expect(parts[0] == parts[1])
  }

  @Test func damagedStates() throws {
    let folder = try Folder()
    let words = "evaluate mnist-robust --threat linf:0.1 --count 20 \(Self.quick) --resume state"
    try folder.write(Array("nonsense".utf8), to: "state")
    let result = try Command.run(line: words, in: folder)
    #expect(result.status == 2)
    #expect(result.message.hasPrefix("gibbon: state"), "\(result.errors)")
    try folder.write(SafeTensorsFile(name: "state").encoded(), to: "state")
    let foreign = try Command.run(line: words, in: folder)
    #expect(foreign.status == 2)
    #expect(
      foreign.message
        == "gibbon: state: expected the file of an interrupted evaluation, or none")
    #expect(folder.names == ["state"])
  }

  @Test(arguments: [
    ("--threat linf:0.1 --curve 0:1", "--curve is '0:1'; expected FIRST:LAST:STEP"),
    ("--threat linf:0.1 --curve 0:1:0", "--curve is '0:1:0': the step is 0; expected"),
    ("--threat linf:0.1 --curve 0:1:0.0001", "more than 1000 radii"),
    ("--threat linf:0.1 --attacks nonsense", "there is no attack 'nonsense'"),
    ("--threat linf:0.1 --attacks pgd,pgd", "'pgd' is named twice"),
    (
      "--threat linf:0.1 --attacks ,",
      "--attacks is ','; expected names of attacks joined by commas"
    ),
    ("--threat l0:3", "l0 has no published standard evaluation"),
    ("--threat linf:0.1 --fail-below 40", "--fail-below is 40.0; expected a share from 0 to 1"),
    ("--threat linf:0.1 --model2 nonsense", "there is no built-in network 'nonsense'"),
    ("--threat linf:0.1 --save nowhere/there/x.npz", "cannot find its folder"),
    ("--threat linf:0.1 --save x.txt", "--save is 'x.txt'; expected a name that ends in .npz or"),
    ("--threat linf:0.1 --json a --report a", "both write a"),
  ])
  func badInput(words: String, message: String) throws {
    let folder = try Folder()
    let result = try Command.run(line: "evaluate mnist-robust --count 5 \(words)", in: folder)
    #expect(result.status == 2)
    #expect(result.output.isEmpty)
    #expect(result.message.contains(message), "\(result.errors)")
    #expect(folder.names.isEmpty)
  }
}
