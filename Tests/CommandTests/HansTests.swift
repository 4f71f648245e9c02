import Foundation
import JSON
import Networks
import Studies
import Tensors
import Testing

/// `gibbon show hans`, and the study behind it.
@Suite struct HansTests {
  @Test func aPlantedCueIsFoundAndRepaired() throws {
    let folder = try Folder()
    let result = try Command.run(
      line: "show hans --plant patch:0.5 --count 4000 --seed 1 --report out.html --json out.json",
      in: folder)
    #expect(result.status == 0)
    #expect(folder.names == ["out.html", "out.json"])
    let record = try StudyRecord(path: folder / "out.json")
    #expect(record.verb == "show hans")
    let asked: HansSpecification = try record.specification()
    #expect(asked.plant == "patch:0.5" && asked.model == nil && asked.data.count == 4000)
    let classes = try #require(record.json["classes"]?.arrayValue)
    #expect(classes.map { $0["class"]?.intValue } == Array(0..<10))
    for own in classes {
      let cues = try #require(own["cues"]?.arrayValue)
      #expect(cues.count == (own["class"]?.intValue == 8 ? 1 : 0))
      let sizes = try #require(own["clusters"]?.arrayValue).compactMap { $0["size"]?.intValue }
      #expect(sizes.reduce(0, +) == own["count"]?.intValue)
    }
    let cue = try #require(classes[8]["cues"]?[0])
    #expect(cue["core"]?.intValue == 9)
    let trial = try #require(cue["trial"])
    let pictures = try #require(trial["pictures"]?.intValue)
    #expect(try 5 * #require(trial["flips"]?.intValue) > pictures)
    #expect(try 20 * #require(trial["control"]?.intValue) < pictures)
    let shown = try #require(record.json["demonstration"])
    #expect(try #require(shown["purity"]?.doubleValue) >= 0.95)
    #expect(try #require(shown["recovered"]?.doubleValue) >= 0.9)
    #expect(shown["planted_in_carriers"] == shown["planted"])
    #expect(result.output.contains("The network rides on a cue of class 8"))
    let page = try #require(folder.text("out.html"))
    #expect(page.contains("A Clever Hans was found") && page.contains("Clusters of relevance"))
  }

  @Test func aPlainNetworkRaisesNoAlarm() throws {
    let folder = try Folder()
    let result = try Command.run(
      line: "show hans mnist-standard --count 1500 --classes 8,3 --json out.json --report out.html",
      in: folder)
    #expect(result.status == 0)
    let record = try StudyRecord(path: folder / "out.json")
    let classes = try #require(record.json["classes"]?.arrayValue)
    #expect(classes.map { $0["class"]?.intValue } == [8, 3])
    #expect(classes.allSatisfy { $0["cues"]?.arrayValue?.isEmpty == true })
    #expect(result.output.contains("No cue was found"))
    #expect(try #require(folder.text("out.html")).contains("No Clever Hans was found"))
  }

  @Test func specificationsAreReadBack() throws {
    var asked = HansSpecification(plant: "tint:0.5:3")
    (asked.classes, asked.perClass, asked.neighbours, asked.seed) = ("3,4", 100, 5, 7)
    #expect(try HansSpecification(json: asked.json) == asked)
    let plain = HansSpecification(model: "mnist-robust")
    #expect(try HansSpecification(json: plain.json) == plain)
    #expect(throws: StudyError.self) { try HansSpecification(json: [:]) }
    #expect(throws: StudyError.self) {
      try HansSpecification(json: ["model": "mnist-robust", "plant": "tint:0.5"])
    }
  }

  @Test(arguments: [
    ("", "there is no model; expected one, or --plant patch:0.5"),
    (
      "mnist-standard --plant patch:0.5",
      "--plant trains networks of its own; expected it without the model mnist-standard"
    ),
    (
      "mnist-standard --count 2000 --classes 3,12", "--classes has 12; expected classes from 0 to 9"
    ),
    (
      "mnist-standard --count 2000 --classes three",
      "--classes is 'three'; expected 0 to 9 or the name of a class (given by --labels FILE)"
    ),
    (
      "mnist-standard --count 2000 --classes 3,3", "--classes is '3,3'; expected each class once"
    ),
    (
      "mnist-standard --count 5",
      "mnist:test: the class 0 has 1 example; expected more than the 10 neighbours that each is joined to, and at least 10"
    ),
    (
      "mnist-standard --count 200 --classes 4 --neighbours 60",
      "mnist:test: the class 1 has 28 examples; expected more than the 60 neighbours that each is joined to, and at least 10"
    ),
    (
      "mnist-standard --count 1",
      "mnist:test: all examples are of the class 7; expected others, on which its cues are tried"
    ),
    ("mnist-standard --per-class 5", "--per-class is 5; expected 20 to 2000"),
    (
      "mnist-standard --neighbours 0",
      "--neighbours is 0; expected 1 to 100, less than --per-class"
    ),
    (
      "--plant path:0.5",
      "there is no cue 'path' (did you mean patch?); there are patch, border, tint, watermark"
    ),
    (
      "--plant patch:2",
      "the cue 'patch:2.0:8': expected KIND:SHARE or KIND:SHARE:CLASS with a share above 0 and up to 1, such as patch:0.5:8"
    ),
    (
      "--plant patch:0.5:12",
      "mnist:train: no example has the class 12; expected one that the cue can betray"
    ),
    (
      "--plant patch:0.5 --count 100", "mnist:train: 100 examples; expected 400 or more for --plant"
    ),
    (
      "http://localhost:1",
      "http://localhost:1 is a remote model, which reveals no gradients; expected a network that runs here"
    ),
  ])
  func badInput(words: String, message: String) throws {
    let folder = try Folder()
    let result = try Command.run(
      line: "show hans \(words) --json out.json --report out.html", in: folder)
    #expect(result.status == 2)
    #expect(result.output.isEmpty)
    #expect(result.errors == "gibbon: \(message)\n")
    #expect(folder.names.isEmpty)
  }

  @Test func rowsAreNoPictures() throws {
    let folder = try Folder()
    let network = try Network("linear", input: InputDescription(shape: [3]), seed: 0) {
      Networks.Linear(2)
    }
    try network.writeONNX(to: folder / "rows.onnx")
    let rows = (0..<40).map { "0.\($0 % 7),0.\($0 % 5),0.\($0 % 3),\($0 % 2)" }
    try folder.write("a,b,c,class\n\(rows.joined(separator: "\n"))\n".utf8, to: "rows.csv")
    let result = try Command.run(
      line: "show hans rows.onnx --data csv:rows.csv --target-column class --data-range 0:1",
      in: folder)
    #expect(result.status == 2)
    #expect(
      result.errors.hasSuffix(
        "csv:rows.csv: the examples are 3; expected pictures: height and width, or one or three channels before them\n"
      ))
  }
}
