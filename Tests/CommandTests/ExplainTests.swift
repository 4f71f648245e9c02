import Datasets
import JSON
import Tensors
import Testing

/// `gibbon explain`: one page of several looks.
@Suite struct ExplainTests {
  @Test func allPartsOfTwoDigitsAreOnOnePage() throws {
    let folder = try Folder()
    let result = try Command.run(
      line: "explain mnist-standard --index 0,4 --parts all --method gradient --method grad-cam"
        + " --json a.json --report a.html --output maps", in: folder)
    try #require(result.status == 0, "\(result.errors)")
    let json = try JSONValue(parsing: #require(folder.text("a.json")))
    #expect(json["verb"] == "explain" && json["count"] == 2)
    let pictures = try #require(json["pictures"]?.arrayValue)
    for (picture, seen) in zip(pictures, [7, 4]) {
      let classes = try #require(picture["classes"]?.arrayValue)
      #expect(classes.first?["label"]?.intValue == seen)
      #expect(picture["attribution"]?["verb"] == "show attribution")
      #expect(picture["change"]?["verb"] == "show imperceptible")
      // The morph leads to the next likely class.
      #expect(picture["morph"]?["verb"] == "show morph")
    }
    let page = try #require(folder.text("a.html"))
    for title in [
      "Where it looks", "The least change that was found", "What must change to be seen",
    ] {
      #expect(page.ranges(of: title).count >= 2, "\(title)")
    }
    #expect(page.ranges(of: "How to reproduce it").count <= 2)
    for number in [1, 2] {
      let arrays = try NPZ(path: folder / "maps/\(number)/attributions.npz")
      #expect(try arrays.array("gradient").tensor().shape == [1, 1, 28, 28])
      let changes = try NPZ(path: folder / "maps/\(number)/changes.npz")
      let original = try changes.array("original").tensor()
      let adversarial = try changes.array("adversarial").tensor()
      #expect(original.shape == [1, 1, 28, 28] && (adversarial - original).norm2 > 0)
    }
  }

  @Test("the part is that of the command for it")
  func partsAreThoseOfOtherCommands() throws {
    let folder = try Folder()
    let whole = try Command.run(
      line: "explain mnist-standard --index 2 --parts attribution --method lrp --json a.json",
      in: folder)
    let part = try Command.run(
      line: "show attribution mnist-standard --index 2 --method lrp --json b.json", in: folder)
    #expect(whole.status == 0 && part.status == 0)
    let (one, other) = (
      try JSONValue(parsing: #require(folder.text("a.json"))),
      try JSONValue(parsing: #require(folder.text("b.json")))
    )
    let found = one["pictures"]?.arrayValue?.first?["attribution"]?["examples"]
    #expect(found != nil && found == other["examples"])
  }

  @Test(arguments: [
    (
      "mnist-standard --parts atribution",
      "there is no part 'atribution' (did you mean attribution?)"
    ),
    ("mnist-standard --parts change,change", "--parts is 'change,change'; expected each part once"),
    ("mnist-standard --to 3", "--to is about the part morph; expected it among --parts"),
    ("mnist-standard --index 0,0", "--index: 0 is named twice; expected different examples"),
    ("mnist-standard --index one", "--index is 'one'; expected whole numbers joined by commas"),
    ("http://127.0.0.1:1/", "is a remote model, which reveals no gradients"),
    ("mnist-standard --method grad-came", "there is no attribution method 'grad-came'"),
    ("mnist-standard --parts morph --to nought", "nought"),
    ("mnist-standard nowhere.png", "nowhere.png"),
  ])
  func saysWhatIsWrong(words: String, message: String) throws {
    let folder = try Folder()
    let result = try Command.run(line: "explain \(words) --json a.json", in: folder)
    #expect(result.status == 2)
    #expect(result.message.contains(message), "\(result.errors)")
    #expect(folder.names.isEmpty)
  }
}
