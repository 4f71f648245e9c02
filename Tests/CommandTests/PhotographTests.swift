import Datasets
import Foundation
import Images
import JSON
import Tensors
import Testing

/// `gibbon classify`, and `gibbon attack` on a photograph.
@Suite struct PhotographTests {
  /// A digit of MNIST as a PNG file in a folder of its own.
  private func digit(_ position: Int) throws -> (folder: Folder, label: Int, bytes: [UInt8]) {
    let folder = try Folder()
    let data = try MNIST.load(.test)
    let image = Bitmap(width: 28, height: 28, planes: try data.image(at: position).scalars)
    try folder.write(image.png(), to: "digit.png")
    return (folder, data.label(at: position), image.bytes)
  }

  private func json(_ folder: Folder) throws -> JSONValue {
    try JSONValue(parsing: #require(folder.text("out.json")))
  }

  @Test func classifies() throws {
    let (folder, label, _) = try digit(0)
    let result = try Command.run(
      line: "classify mnist-standard digit.png --top 3 --json out.json", in: folder)
    #expect(result.status == 0, "\(result.errors)")
    let lines = result.output.split(separator: "\n")
    #expect(lines.count == 4)
    #expect(lines[0] == "digit.png")
    #expect(lines[1].hasSuffix("%  \(label)"))
    let classes = try #require(json(folder)["photos"]?.arrayValue?.first?["classes"]?.arrayValue)
    #expect(classes.first?["label"]?.intValue == label)
    #expect(classes.count == 3)
  }

  /// The levels by which two pictures differ.
  private func change(_ folder: Folder, _ bytes: [UInt8]) throws -> [Int] {
    let saved = try ImageFile.read(folder / "out.png")
    #expect(saved.width == 28)
    #expect(saved.height == 28)
    #expect(saved.channels == .grey)
    return zip(saved.bytes, bytes).map { Int($0) - Int($1) }
  }

  // 0.1 is 25.5 levels, and 1.5 is 382.5.
  @Test(arguments: ["linf:0.1", "l2:1.5"], [0, 1, 2, 3])
  func whatIsFoundSurvivesSaving(threat: String, position: Int) throws {
    let (folder, label, bytes) = try digit(position)
    let result = try Command.run(
      line: "attack mnist-standard digit.png --threat \(threat) --eight-bit --steps 100"
        + " --restarts 5 --json out.json --save out.png --report out.html", in: folder)
    #expect(result.status == 0, "\(result.errors)")
    let found = try json(folder)
    #expect(found["eight_bit"] == true)
    #expect(found["photo"]?.stringValue == "digit.png")
    let example = try #require(found["examples"]?.arrayValue?.first)
    #expect(example["label"]?.intValue == label)
    guard example["witness"]?.stringValue != nil else {
      #expect(folder.names == ["digit.png", "out.html", "out.json"])
      #expect(example["robust"] == true)
      return
    }
    #expect(found["survives_saving"] == true)
    let difference = try change(folder, bytes)
    #expect(difference.contains { $0 != 0 })
    let distance =
      threat.hasPrefix("linf")
      ? Double(difference.map(abs).max() ?? 0) / 255
      : Double(difference.reduce(0) { $0 + $1 * $1 }).squareRoot() / 255
    #expect(distance <= (threat.hasPrefix("linf") ? 0.1 : 1.5))
    #expect(abs(distance - (example["distance"]?.doubleValue ?? 0)) < 1e-6)
    let again = try Command.run(
      line: "classify mnist-standard out.png --json again.json", in: folder)
    #expect(again.status == 0)
    let seen = try JSONValue(parsing: #require(folder.text("again.json")))
    let classes = try #require(seen["photos"]?.arrayValue?.first?["classes"]?.arrayValue)
    #expect(classes.first?["label"]?.intValue != label)
    #expect(classes.first?["label"] == found["after"]?.arrayValue?.first?["label"])
    let page = try #require(folder.text("out.html"))
    #expect(page.contains("Saved as an 8-bit PNG and read back, the result is still read as"))
  }

  @Test func theAttackOnDataRoundsToo() throws {
    let folder = try Folder()
    let result = try Command.run(
      line: "attack mnist-standard --threat linf:0.2 --eight-bit --count 20 --save out.npz",
      in: folder)
    #expect(result.status == 0, "\(result.errors)")
    let file = try NPZ(path: folder / "out.npz")
    let changed = try file.array("witness").tensor()
    #expect(changed.shape[0] > 10)
    let levels = Set((0...255).map { Float($0) / 255 })
    #expect(changed.scalars.allSatisfy { levels.contains($0) })
    #expect(try file.array("index").integers().count == changed.shape[0])
  }

  @Test(arguments: [
    ("attack mnist-standard none.png --threat linf:0.1", "none.png: cannot be read: "),
    (
      "attack mnist-standard digit.png --threat linf:0.1 --count 3",
      "digit.png: expected either a photograph or --data, --count, --offset and --radii"
    ),
    (
      "attack mnist-standard digit.png --threat linf:0.1 --save out.npz",
      "--save is 'out.npz'; expected a name that ends in .png for a photograph"
    ),
    (
      "attack mnist-standard --threat linf:0.1 --save out.png",
      "--save is 'out.png'; expected a name that ends in .npz or .safetensors"
    ),
    (
      "attack mnist-standard digit.png --threat linf:0.1 --label 10",
      "--label is 10; expected 0 to 9"
    ),
    ("attack mnist-standard --threat linf:0.1 --label 1", "--label applies only to a photograph"),
    ("classify mnist-standard text.png", "text.png: neither a PNG nor a JPEG image"),
    ("classify mnist-standard digit.png --resize 20", "digit.png: resized to 20, expected 28 to"),
    (
      "attack mnist-standard --threat linf:0.1 --data npz:a.npz --data-layout hwcn",
      "--data-layout is 'hwcn'; expected nchw or nhwc"
    ),
    (
      "attack mnist-standard --threat linf:0.1 --data-layout nhwc",
      "--data-layout applies only to npz:FILE, npy:X,Y and csv:FILE, not to mnist:test"
    ),
    (
      "attack mnist-standard digit.png --threat linf:0.1 --target-column y",
      "--target-column applies only to csv:FILE, not to a photograph"
    ),
    (
      "attack mnist-standard --threat linf:0.1 --data csv:a.csv --resize 32",
      "--resize applies only to images:DIR and photographs, not to csv:a.csv"
    ),
  ])
  func saysWhatIsWrong(line: String, message: String) throws {
    let (folder, _, _) = try digit(0)
    try folder.write("text".utf8, to: "text.png")
    let result = try Command.run(line: line, in: folder)
    #expect(result.status == 2)
    #expect(result.errors.contains(message), "\(result.errors)")
    #expect(folder.names == ["digit.png", "text.png"])
  }
}
