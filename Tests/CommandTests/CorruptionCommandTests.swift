import Datasets
import Foundation
import JSON
import Tensors
import TestSupport
import Testing

/// `gibbon corrupt` and `gibbon evaluate --corruptions`.
@Suite struct CorruptionCommandTests {
  private func run(_ line: String, in folder: Folder) throws -> Command.Result {
    let result = try Command.run(line: line, in: folder)
    try #require(result.status == 0, "\(line)\n\(result.errors)")
    return result
  }

  private func record(_ line: String, in folder: Folder, _ name: String = "out.json") throws
    -> JSONValue
  {
    _ = try run(line + " --json \(name)", in: folder)
    return try JSONValue(parsing: #require(folder.text(name)))
  }

  @Test func anArchiveHoldsTheSeveritiesInTurn() throws {
    let folder = try Folder()
    let json = try record(
      "corrupt mnist:test --corruption fog --severity 1,4 --count 12 --offset 3 --output fog.npz",
      in: folder)
    #expect(folder.names == ["fog.npz", "out.json"])
    #expect(json["suite"] == "mnist-c" && json["verb"] == "corrupt" && json["count"] == 12)
    let file = try NPZ(path: folder.path + "/fog.npz")
    #expect(file.names == ["x", "y", "severity"])
    #expect(try file.array("x").shape == [24, 1, 28, 28])
    #expect(
      try file.array("severity").integers() == [Int](repeating: 1, count: 12)
        + [Int](repeating: 4, count: 12))
    let labels = try file.array("y").integers()
    #expect(labels[..<12] == labels[12...])
    _ = try run(
      "corrupt mnist:test --corruption fog --severity 4 --count 12 --offset 3 --output one.npz",
      in: folder)
    let one = try NPZ(path: folder.path + "/one.npz").array("x").tensor()
    #expect(try file.array("x").tensor().rows(12..<24) == one)
    _ = try run(
      "corrupt mnist:test --corruption fog --severity 4 --count 12 --offset 3 --seed 1 --output two.npz",
      in: folder)
    #expect(try NPZ(path: folder.path + "/two.npz").array("x").tensor() != one)
  }

  @Test func aFolderIsReadAgain() throws {
    let folder = try Folder()
    let json = try record(
      "corrupt mnist:test --corruption all --severity all --count 4 --output set", in: folder)
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path + "/set").sorted()
    #expect(names.count == 17 && names.contains("labels.npy") && names.contains("labels-1.npy"))
    #expect(json["files"]?.arrayValue?.count == 17)
    for (name, count) in [("fog", 20), ("stripe", 4)] {
      let array = try NPYArray(path: folder.path + "/set/\(name).npy")
      #expect(array.shape == [count, 28, 28, 1] && array.type == .uint8)
    }
    _ = try run(
      "predict mnist-standard --data npy:set/fog.npy,set/labels.npy --data-layout nhwc --output a.npz",
      in: folder)
    _ = try run(
      "corrupt mnist:test --corruption shear,zigzag --count 4 --form png --output pictures",
      in: folder)
    _ = try run(
      "predict mnist-standard --data images:pictures/shear/2 --output b.npz", in: folder)
  }

  @Test func anEvaluationSeesWhatIsWritten() throws {
    let folder = try Folder()
    let json = try record(
      "evaluate mnist-standard --corruptions glass_blur,spatter --severities 2,5 --count 60 --seed 3",
      in: folder)
    let cells = try #require(json["corruptions"]?.arrayValue)
    #expect(cells.count == 4)
    for cell in cells {
      let (name, severity) = (cell["name"]?.stringValue ?? "", cell["severity"]?.intValue ?? 0)
      _ = try run(
        "corrupt mnist:test --corruption \(name) --severity \(severity) --count 60 --seed 3 --output x.npz",
        in: folder)
      let other = try record(
        "predict mnist-standard --data npz:x.npz --output y.npz", in: folder, "other.json")
      #expect(cell["accuracy"] == other["clean_accuracy"], "\(name) \(severity)")
    }
    let same = try record(
      "evaluate mnist-standard --corruptions glass_blur,spatter --severities 2,5 --count 60 --seed 3 --batch 7 --threads 1",
      in: folder)
    #expect(same["corruptions"] == json["corruptions"])
  }

  @Test func aBaseMeasuresErrors() throws {
    let folder = try Folder()
    let words = "--corruptions glass_blur,fog --severities all --count 50"
    let itself = try record(
      "evaluate mnist-standard \(words) --base mnist-standard --report page.html", in: folder,
      "itself.json")
    for error in try #require(itself["errors"]?.arrayValue) { #expect(error["error"] == 1) }
    #expect(itself["mean_corruption_error"] == 1)
    #expect(try #require(folder.text("page.html")).contains("mean corruption error"))
    let live = try record(
      "evaluate mnist-robust \(words) --base mnist-standard", in: folder, "live.json")
    let kept = try record(
      "evaluate mnist-robust \(words) --base itself.json", in: folder, "kept.json")
    for member in ["errors", "mean_corruption_error", "relative_mean_corruption_error"] {
      #expect(live[member] == kept[member] && live[member] != nil)
    }
    // By the definition, from the counts.
    func errors(_ record: JSONValue) -> Int {
      (record["corruptions"]?.arrayValue ?? []).filter { $0["name"] == "fog" }
        .reduce(0) { $0 + 50 - ($1["count"]?.intValue ?? 0) }
    }
    let fog = try #require(live["errors"]?.arrayValue?.first { $0["name"] == "fog" })
    #expect(
      abs((fog["error"]?.doubleValue ?? 0) - Double(errors(live)) / Double(errors(itself))) < 1e-9)
    for (line, message) in [
      (
        "evaluate mnist-robust --corruptions fog --count 50 --base itself.json --seed 1",
        "has the seed 0"
      ),
      ("evaluate mnist-robust --corruptions fog --count 49 --base itself.json", "other examples"),
      (
        "evaluate mnist-robust --corruptions spatter --count 50 --base itself.json",
        "does not have spatter 4"
      ),
      (
        "evaluate mnist-robust --corruptions fog --suite cifar10-c --count 50 --base itself.json",
        "is about mnist-c; expected cifar10-c"
      ),
    ] {
      let result = try Command.run(line: line, in: folder)
      #expect(result.status == 2 && result.message.contains(message), "\(result.errors)")
    }
  }

  @Test func theWorstDrawIsNoBetter() throws {
    let folder = try Folder()
    let json = try record(
      "evaluate mnist-standard --corruptions all --count 60 --worst-of 4 --drift", in: folder)
    let cells = try #require(json["corruptions"]?.arrayValue)
    #expect(cells.count == 15)
    var isWorse = false
    for cell in cells {
      let (count, worst) = (cell["count"]?.intValue ?? 0, cell["worst_count"]?.intValue ?? 99)
      #expect(worst <= count)
      isWorse = isWorse || worst < count
      if ["stripe", "canny_edges", "brightness", "scale"].contains(cell["name"]?.stringValue) {
        #expect(worst == count)
      }
    }
    #expect(isWorse)
    let drift = try #require(json["drift"])
    #expect(drift["steps"]?.arrayValue?.first?["mean"] == json["clean_accuracy"])
    for shift in try #require(drift["classes"]?.arrayValue) {
      let numbers = ["least", "low", "mean", "high"].map { shift[$0]?.doubleValue ?? -1 }
      #expect(numbers == numbers.sorted() && numbers[0] >= 0 && numbers[3] <= 1)
    }
  }

  @Test(
    "Bad input is told in a line, and nothing is written",
    arguments: [
      (
        "corrupt mnist:test --corruption fogg --output a.npz",
        "mnist-c has no corruption 'fogg' (did you mean fog?); expected one of its 15, such as shot_noise,"
          + " impulse_noise, glass_blur, motion_blur"
      ),
      (
        "corrupt mnist:test --corruption fog --severity 6 --output a.npz",
        "there is no severity '6'; expected numbers from 1 to 5 joined by commas, all, or published"
      ),
      (
        "corrupt mnist:test --corruption fog --suite cifar10 --output a.npz",
        "--suite is 'cifar10' (did you mean cifar10-c?); expected cifar10-c, imagenet-c, mnist-c"
      ),
      (
        "corrupt mnist:test --corruption fog,stripe --output a.npz",
        "--output is 'a.npz', an archive of one corruption, but there are 2; expected a folder"
      ),
      (
        "corrupt mnist:test --corruption fog --output a.json",
        "--output is 'a.json'; expected a name that ends in .npz, or a folder"
      ),
      (
        "corrupt mnist:test --corruption fog --output a --form jpg",
        "--form is 'jpg'; expected npy or png"
      ),
      (
        "corrupt mnist:test --corruption fog --output a.npz --form npy",
        "--form is about folders, but --output is 'a.npz'; expected a folder"
      ),
      (
        "corrupt mnist:test --corruption fog --count 5 --offset 10000 --output a.npz",
        "--offset is 10000, but mnist:test has 10000 examples"
      ),
      (
        "evaluate mnist-standard --corruptions fog --threat linf:0.1",
        "--threat is about attacks, but --corruptions asks for corruptions; expected one of them"
      ),
      (
        "evaluate mnist-standard --threat linf:0.1 --drift",
        "--drift is about --corruptions, which is not given"
      ),
      (
        "evaluate mnist-standard --corruptions fog --worst-of 0 --count 5",
        "--worst-of is 0; expected 1 to 1000"
      ),
      (
        "evaluate mnist-standard --corruptions snow --count 5",
        "mnist-c has no corruption 'snow'; it is in cifar10-c and imagenet-c"
      ),
    ])
  func badInput(line: String, message: String) throws {
    let folder = try Folder()
    let result = try Command.run(line: line, in: folder)
    #expect(result.status == 2)
    #expect(result.message.contains(message), "\(result.errors)")
    #expect(result.message.count < 250)
    #expect(folder.names.isEmpty && result.output.isEmpty)
  }

  @Test func aFileInThePlaceOfAFolder() throws {
    let folder = try Folder()
    try folder.write(Array("here".utf8), to: "set")
    let result = try Command.run(
      line: "corrupt mnist:test --corruption fog --count 2 --output set", in: folder)
    #expect(result.status == 2)
    #expect(
      result.message.contains(
        "--output is 'set', which is a file; expected a folder, or a name that ends in .npz"))
    #expect(folder.text("set") == "here")
  }

  @Test func theList() throws {
    let result = try run("info --corruptions", in: try Folder())
    for name in ["gaussian_noise", "canny_edges", "mnist-c", "noise"] {
      #expect(result.output.contains(name))
    }
  }
}
