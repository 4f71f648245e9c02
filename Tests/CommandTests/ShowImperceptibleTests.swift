import Datasets
import Foundation
import Images
import JSON
import Networks
import Studies
import Tensors
import Testing

/// `gibbon show imperceptible`: changes of one length.
@Suite struct ShowImperceptibleTests {
  private func show(_ words: String, in folder: Folder) throws -> (
    json: JSONValue, output: String
  ) {
    let result = try Command.run(
      line: "show imperceptible \(words) --json out.json", in: folder)
    try #require(result.status == 0, "\(result.errors)")
    return (try JSONValue(parsing: #require(folder.text("out.json"))), result.output)
  }

  @Test func overADataSet() throws {
    let folder = try Folder()
    let (json, output) = try show(
      "mnist-standard --threat linf:0.1 --count 30 --report out.html --save out.npz", in: folder)
    #expect(folder.names == ["out.html", "out.json", "out.npz"])
    #expect(json["verb"] == "show imperceptible")
    let examples = try #require(json["examples"]?.arrayValue)
    try #require(examples.count >= 20 && json["broken"]?.intValue == examples.count)
    for example in examples {
      let lengths = ["adversarial", "random", "patch"].compactMap {
        example[$0]?["length"]?.doubleValue
      }
      try #require(lengths.count == 3)
      #expect(lengths.allSatisfy { abs($0 / lengths[0] - 1) < 1e-4 })
      #expect(example["adversarial"]?["prediction"] != example["label"])
      #expect(try #require(example["adversarial"]?["largest"]?.doubleValue) <= 0.1 + 1e-6)
      #expect(example["adversarial"]?["scales"] == 2)
    }
    let right = ["adversarial", "random", "patch"].map {
      json["medians"]?[$0]?["read_rightly"]?.intValue ?? -1
    }
    // What is adversarial is misread; noise of the same length hardly ever is.
    #expect(right[0] == 0 && right[1] >= examples.count - 2)
    let curves = try #require(json["curves"]?.arrayValue)
    #expect(curves.compactMap { $0["kind"]?.stringValue } == ["adversarial", "random", "patch"])
    for word in ["SSIM", "CIEDE2000", "PSNR", "read rightly", "random noise"] {
      #expect(output.contains(word))
    }
    let page = try #require(folder.text("out.html"))
    #expect(page.contains("Three changes of the same length") && page.contains("alt="))
    let specification: ImperceptibleSpecification =
      try StudyRecord(path: folder / "out.json").specification()
    #expect(specification.attack.threat == "linf:0.1" && specification.index == nil)
  }

  @Test func oneExampleAndOnePhotograph() throws {
    let folder = try Folder()
    let data = try MNIST.load(.test)
    let image = Bitmap(width: 28, height: 28, planes: try data.image(at: 7).scalars)
    try folder.write(image.png(), to: "digit.png")
    let (one, _) = try show("mnist-standard --threat linf:0.1 --index 7", in: folder)
    let (photo, output) = try show(
      "mnist-standard --threat linf:0.1 --image digit.png --report out.html", in: folder)
    #expect(one["examples"]?.arrayValue?.count == 1 && one["examples"]?[0]?["index"] == 7)
    #expect(photo["photo"] == "digit.png")
    #expect(
      photo["examples"]?[0]?["label"]?.intValue == one["examples"]?[0]?["label"]?.intValue)
    #expect(output.contains("the model reads"))
    #expect(try #require(folder.text("out.html")).contains("In brackets how sure"))
  }

  @Test func nothingIsBroken() throws {
    let folder = try Folder()
    let (json, output) = try show(
      "mnist-robust --threat linf:0.001 --count 5 --report out.html --save out.npz", in: folder)
    #expect(json["broken"] == 0 && output.contains("there is nothing to compare"))
    #expect(folder.names == ["out.html", "out.json", "out.npz"])
  }

  @Test func theSpecificationGoesThroughJSON() throws {
    var specification = ImperceptibleSpecification(
      AttackSpecification(model: "mnist-standard", threat: "l2:1"))
    specification.index = 3
    #expect(try ImperceptibleSpecification(json: specification.json) == specification)
    #expect(throws: StudyError.self) { try ImperceptibleSpecification(json: ["index": 3]) }
    #expect(throws: StudyError.self) {
      try ImperceptibleSpecification(json: ["attack": specification.attack.json, "indx": 3])
    }
  }
}
