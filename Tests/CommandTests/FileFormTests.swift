import Datasets
import Foundation
import Networks
import Tensors
import Testing

/// What files are by their content, what their forms cannot hold, and what is said of either.
@Suite struct FileFormTests {
  private func run(_ line: String, in folder: Folder) throws -> Command.Result {
    let result = try Command.run(line: line, in: folder)
    try #require(result.status == 0, "\(line): \(result.errors)")
    return result
  }

  private func refusal(_ line: String, in folder: Folder) throws -> String {
    let result = try Command.run(line: line, in: folder)
    #expect(result.status == 2 && result.output.isEmpty, "\(line): \(result.output)")
    return result.message
  }

  @Test("a file is what its content says, whatever its name")
  func content() throws {
    let folder = try Folder()
    _ = try run("convert mnist-standard net.onnx", in: folder)
    let onnx = try folder.bytes("net.onnx")
    for name in ["net", "net.pt"] {
      try folder.write(onnx, to: name)
      #expect(try run("info ./\(name)", in: folder).output.contains("mnist-small"))
    }
    try folder.write([0x89, 0x50, 0x4E, 0x47, 13, 10, 26, 10], to: "panda.png")
    let image = try refusal("info panda.png", in: folder)
    #expect(image.contains("panda.png: is a PNG image") && image.contains("expected a network"))
    try folder.write("a note".utf8, to: "notes.txt")
    #expect(try refusal("info notes.txt", in: folder).contains("notes.txt: is a text; expected"))
    _ = try run("convert mnist-standard net.pth", in: folder)
    try folder.write(try folder.bytes("net.pth").dropLast(1000), to: "cut.pth")
    #expect(
      try refusal("info cut.pth", in: folder).contains("cut.pth: begins as a PyTorch checkpoint"))
  }

  @Test("a list of names may end in blank lines, and other faults have their line")
  func labels() throws {
    let folder = try Folder()
    let names = "airplane automobile bird cat deer dog frog horse ship truck"
    let list = names.split(separator: " ").joined(separator: "\n")
    for text in [list, list + "\n", list + "\n\n", list + "\r\n\r\n \n"] {
      try folder.write(text.utf8, to: "names.txt")
      let info = try run("info mnist-standard --labels names.txt", in: folder)
      #expect(info.output.contains(names))
    }
    for (text, expected) in [
      ("a\n\nb\n", "names.txt: line 2: is blank, expected the name of class 1"),
      ("a\nb\n", "names.txt: line 3: the file ends after 2 names, but the network has 10 classes"),
      (
        list + "\nplane\n",
        "names.txt: line 11: found the name 'plane', but the network has 10 classes"
      ),
    ] {
      try folder.write(text.utf8, to: "names.txt")
      #expect(try refusal("info mnist-standard --labels names.txt", in: folder).contains(expected))
    }
  }

  @Test("what a file of parameters alone loses is said, with the options that give it back")
  func losses() throws {
    let folder = try Folder()
    _ = try run("convert mnist-standard plain.pt", in: folder)
    _ = try run(
      "convert plain.pt own.safetensors --architecture mnist-small --mean 0.25 --std 0.5",
      in: folder)
    _ = try run("predict own.safetensors --count 20 --output own.npz", in: folder)
    for name in ["back.pt", "back.npz"] {
      let result = try run("convert own.safetensors \(name)", in: folder)
      let options = "--architecture mnist-small --mean 0.25 --std 0.5"
      #expect(result.message.hasSuffix("to use it, add \(options)"))
      _ = try run("predict \(name) \(options) --count 20 --output back-out.npz", in: folder)
      #expect(
        try NPZ(path: folder / "back-out.npz").array("logits").tensor()
          == NPZ(path: folder / "own.npz").array("logits").tensor())
      #expect(
        try refusal("info \(name)", in: folder).contains("which could be mnist-small"))
    }
    #expect(try run("convert mnist-standard net.npz", in: folder).errors.isEmpty)
  }

  @Test("a network of no known form keeps its parameters' names, and its form only as ONNX")
  func unknownForm() throws {
    let folder = try Folder()
    try Network("own", input: InputDescription(shape: [3]), seed: 1) { Linear(2) }
      .writeONNX(to: folder / "own.onnx")
    for name in ["own.pt", "own.npz"] {
      let result = try run("convert own.onnx \(name)", in: folder)
      #expect(result.message.contains("Gibbon cannot read the file as a network"))
    }
    #expect(try NPZ(path: folder / "own.npz").names == ["0.bias", "0.weight"])
    #expect(
      try StateDict(pyTorch: folder / "own.pt").tensors.keys.sorted() == ["0.bias", "0.weight"])
    let refused = try refusal("convert own.onnx own.safetensors", in: folder)
    #expect(refused.contains("no graph") && refused.contains("expected .onnx"))
    #expect(!folder.names.contains("own.safetensors"))
  }

  @Test("other files than radii are named as what they are")
  func radii() throws {
    let folder = try Folder()
    try folder.write(try NPYContents.npz(["radius": NPYContents([1])]), to: "a.npz")
    let message = try refusal(
      "attack mnist-standard --threat linf:0.1 --count 1 --radii a.npz", in: folder)
    #expect(
      message.contains("a.npz: is an archive of NumPy's arrays, expected radii in a safetensors"))
  }

  @Test("floats of 0 to 255 are spread by the option that their error names")
  func dataRange() throws {
    let folder = try Folder()
    let data = try MNIST.load(.test).subset(offset: 0, count: 50)
    let inputs = try data.inputs(at: 0..<50)
    try folder.write(
      try NPYContents.npz([
        "x": NPYContents(inputs.map { $0 * 255 }), "y": NPYContents(data.labels),
      ]),
      to: "wide.npz")
    let line = "predict mnist-standard --data npz:wide.npz --output out.npz"
    #expect(try refusal(line, in: folder).contains("--data-range 0:255"))
    #expect(try run("\(line) --data-range 0:255", in: folder).errors.isEmpty)
    #expect(
      try refusal("predict mnist-standard --data-range 0:255 --output out.npz", in: folder)
        .contains(
          "--data-range applies only to npz:FILE"))
  }
}
