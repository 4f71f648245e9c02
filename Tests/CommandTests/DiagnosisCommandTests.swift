import Datasets
import Foundation
import Graphs
import Images
import JSON
import Networks
import Tensors
import Testing

/// What the command says of wrong descriptions, odd shapes, missing labels, names and failed attacks.
@Suite struct DiagnosisCommandTests {
  @discardableResult
  private func run(_ line: String, in folder: Folder) throws -> Command.Result {
    let result = try Command.run(line: line, in: folder)
    try #require(result.status == 0, "\(line): \(result.errors)")
    return result
  }

  private func json(_ name: String, in folder: Folder) throws -> JSONValue {
    try JSONValue(parsing: #require(folder.text(name)))
  }

  private func flat(_ inputs: Tensor<Float>, _ labels: [Int]?) throws -> [UInt8] {
    let x = NPYContents(inputs)
    guard let labels else { return try NPYContents.npz(["x": x]) }
    return try NPYContents.npz(["x": x, "y": NPYContents(labels)])
  }

  @Test("info, predict and attack find the same, on the same examples")
  func theSameEverywhere() throws {
    let folder = try Folder()
    try run("convert mnist-standard net.pt", in: folder)
    let options = "net.pt --architecture mnist-small --input-range -100:0"
    try run("info \(options) --data mnist:test --json info.json", in: folder)
    try run("predict \(options) --data mnist:test --output out.npz --json predict.json", in: folder)
    let attack = try run(
      "attack \(options) --threat linf:0.01 --attack fgsm --json attack.json", in: folder)
    let found = try #require(try json("info.json", in: folder)["warnings"])
    #expect(found.arrayValue?.isEmpty == false)
    #expect(try json("predict.json", in: folder)["warnings"] == found)
    #expect(try json("attack.json", in: folder)["warnings"] == found)
    #expect(try json("info.json", in: folder)["count"]?.intValue == 256)
    #expect(try json("info.json", in: folder)["total"]?.intValue == 10_000)
    #expect(attack.errors.contains("256 examples, drawn evenly from 10\u{202F}000"))
    let part = try run("info mnist-standard --data mnist:test --count 50 --offset 7", in: folder)
    #expect(part.output.contains("of 50 examples are classified correctly"))
    #expect(
      try Command.run(line: "info mnist-standard --count 50", in: folder).message.contains(
        "need --data"))
  }

  @Test("pictures and rows of as many values fit where their order is no question")
  func shapes() throws {
    let folder = try Folder()
    let network = try Network("flat", input: InputDescription(shape: [784]), seed: 0) {
      Linear(10)
    }
    try network.writeONNX(to: folder / "flat.onnx")
    let pictures = try run("predict flat.onnx --count 20 --output a.npz", in: folder)
    #expect(pictures.errors.contains("pictures of 1x28x28 are taken as rows of 784 values"))
    let data = try MNIST.load(.test).subset(offset: 0, count: 20)
    let rows = try data.inputs(at: 0..<20).reshaped(to: [20, 784])
    try folder.write(try flat(rows, data.labels), to: "rows.npz")
    try run("predict flat.onnx --data npz:rows.npz --output b.npz", in: folder)
    let logits = { try NPZ(path: folder / $0).array("logits").tensor() }
    #expect(try logits("a.npz") == logits("b.npz"))
    let back = try run(
      "predict mnist-standard --data npz:rows.npz --output c.npz", in: folder)
    #expect(back.errors.contains("rows of 784 values are taken as pictures of 1x28x28"))
    try run("predict mnist-standard --count 20 --output d.npz", in: folder)
    #expect(try logits("c.npz") == logits("d.npz"))
  }

  @Test("of colours, the order must be said")
  func colours() throws {
    let folder = try Folder()
    let picture: Shape = [3, 4, 4]
    let last = try Network("picture", input: InputDescription(shape: picture), seed: 1) {
      Flatten()
      Linear(5)
    }
    try last.writeONNX(to: folder / "picture.onnx")
    var rows = try Network("rows", input: InputDescription(shape: [48]), seed: 2) { Linear(5) }
    var parameters = rows.parameters
    parameters["0.weight"] = last.parameters["1.weight"]
    parameters["0.bias"] = last.parameters["1.bias"]
    try rows.load(parameters)
    try rows.writeONNX(to: folder / "rows.onnx")
    var random = Philox(key: 3)
    let inputs = random.uniforms([6, 48])
    let labels = [0, 1, 2, 3, 4, 0]
    let moved = Tensor<Float>(shape: [6, 48]) { target in
      for index in 0..<target.count {
        let (row, place) = index.quotientAndRemainder(dividingBy: 48)
        target[index] = inputs[row * 48 + place % 3 * 16 + place / 3]
      }
    }
    try folder.write(try flat(inputs, labels), to: "first.npz")
    try folder.write(try flat(moved, labels), to: "last.npz")
    try folder.write(try flat(inputs.reshaped(to: [6, 3, 4, 4]), labels), to: "pictures.npz")
    try folder.write(try flat(moved.reshaped(to: [6, 4, 4, 3]), labels), to: "nhwc.npz")
    let logits = { (line: String) in
      try run("predict \(line) --output out.npz", in: folder)
      return try NPZ(path: folder / "out.npz").array("logits").tensor()
    }
    let expected = try logits("picture.onnx --data npz:pictures.npz")
    #expect(try logits("picture.onnx --data npz:first.npz --data-layout nchw") == expected)
    #expect(try logits("picture.onnx --data npz:last.npz --data-layout nhwc") == expected)
    #expect(try logits("picture.onnx --data npz:nhwc.npz --data-layout nhwc") == expected)
    #expect(try logits("rows.onnx --data npz:pictures.npz --layout nchw") == expected)
    #expect(try logits("rows.onnx --data npz:pictures.npz --layout nhwc") != expected)
    for (line, remedy) in [
      ("picture.onnx --data npz:first.npz", "--data-layout nchw"),
      ("rows.onnx --data npz:pictures.npz", "--layout nhwc"),
      ("picture.onnx --data npz:nhwc.npz", "--data-layout nhwc"),
      ("picture.onnx --data npz:nhwc.npz --data-layout nchw", "need --data-layout nhwc"),
    ] {
      let result = try Command.run(line: "predict \(line) --output no.npz", in: folder)
      #expect(result.status == 2 && result.message.contains(remedy), "\(result.errors)")
    }
  }

  @Test("predict needs no labels, and attacks on outputs neither")
  func unlabelled() throws {
    let folder = try Folder()
    let data = try MNIST.load(.test).subset(offset: 0, count: 20)
    try folder.write(try flat(data.inputs(at: 0..<20), nil), to: "x.npz")
    let result = try run(
      "predict mnist-standard --data npz:x.npz --output out.npz --json out.json", in: folder)
    #expect(try NPZ(path: folder / "out.npz").names == ["logits", "x"])
    #expect(try json("out.json", in: folder)["clean_accuracy"] == .null)
    #expect(!result.output.contains("rightly"))
    #expect(
      try run("info mnist-standard --data npz:x.npz", in: folder).output.contains("20 examples"))
    try run(
      "attack mnist-standard --data npz:x.npz --threat linf:0.2 --goal decision --steps 3",
      in: folder)
    for line in [
      "predict mnist-standard --data npz:x.npz --gradient --output no.npz",
      "attack mnist-standard --data npz:x.npz --threat linf:0.1",
    ] {
      let refused = try Command.run(line: line, in: folder)
      #expect(refused.status == 2 && refused.message.contains("holds no array 'y'"))
    }
  }

  @Test("goals that use no labels are told in their own words")
  func goals() throws {
    let folder = try Folder()
    for (goal, words) in [
      ("decision", "some decision is another than before"), ("leave:0.5", "more than 0.5 away"),
    ] {
      let result = try run(
        "attack mnist-standard --count 20 --threat linf:0.2 --steps 5 --goal \(goal) --json out.json"
          + " --report out.html", in: folder)
      #expect(result.output.contains("held  ") && result.output.contains(words))
      for text in [result.output, try #require(folder.text("out.html"))] {
        #expect(!text.contains("rightly") && !text.contains("accuracy  "))
      }
      #expect(try json("out.json", in: folder)["clean_accuracy"] == .null)
    }
  }

  @Test("targets by name")
  func names() throws {
    let folder = try Folder()
    try run("convert mnist-standard net.pt", in: folder)
    let names = "zero, nil\none\ntwo\nthree\nfour\nfive\nsix\nseven\neight\nnine, nil\n"
    try folder.write(names.utf8, to: "names.txt")
    let form = "net.pt --architecture mnist-small --labels names.txt --count 10 --threat linf:0.1"
    for (name, target) in [("seven", 7), ("zero", 0), ("3", 3)] {
      try run("attack \(form) --attack fgsm --target \(name) --json out.json", in: folder)
      #expect(try json("out.json", in: folder)["target"]?.intValue == target)
    }
    for (name, message) in [("ten", "expected 0 to 9 or the name"), ("nil", "classes 0 and 9")] {
      let result = try Command.run(line: "attack \(form) --target \(name)", in: folder)
      #expect(result.status == 2 && result.message.contains(message), "\(result.errors)")
    }
  }

  @Test("a radius as large as the range of the data is warned of")
  func radius() throws {
    let folder = try Folder()
    let attack = "attack mnist-standard --count 2 --attack fgsm --threat"
    for (threat, hint) in [
      ("linf:8", "did you mean linf:8/255?"), ("linf:1", "1/255"), ("l2:28", "0 to 1"),
    ] {
      let result = try run("\(attack) \(threat)", in: folder)
      #expect(result.errors.contains("allows every input there is"), "\(threat)")
      #expect(result.errors.contains(hint))
    }
    for threat in ["linf:0.99", "l2:8", "linf:8/255"] {
      #expect(try run("\(attack) \(threat)", in: folder).errors.isEmpty)
    }
  }

  @Test("a failed attack on a photograph says so, shows it, and says that nothing was saved")
  func failed() throws {
    let folder = try Folder()
    let image = Bitmap(width: 28, height: 28, planes: try MNIST.load(.test).image(at: 0).scalars)
    try folder.write(image.png(), to: "digit.png")
    let result = try run(
      "attack mnist-standard digit.png --threat linf:0.0001 --save out.png --report out.html"
        + " --json out.json", in: folder)
    #expect(folder.names == ["digit.png", "out.html", "out.json"])
    #expect(result.output.contains("no adversarial example was found"))
    #expect(result.output.contains("nothing was saved to out.png"))
    #expect(result.errors.contains("nothing was saved to out.png"))
    let page = try #require(folder.text("out.html"))
    #expect(page.contains("No adversarial example was found"))
    #expect(page.contains("alt=\"The photograph\""))
    #expect(!page.contains("The change was checked"))
  }

  @Test("photographs are looked at too")
  func photographs() throws {
    let folder = try Folder()
    let image = Bitmap(width: 28, height: 28, planes: try MNIST.load(.test).image(at: 0).scalars)
    try folder.write(image.png(), to: "digit.png")
    try run("convert mnist-standard net.pt", in: folder)
    let form = "--architecture mnist-small --input-range 0:100000"
    for line in [
      "classify net.pt digit.png \(form)", "attack net.pt digit.png --threat linf:0.1 \(form)",
    ] {
      let result = try run("\(line) --json out.json", in: folder)
      #expect(result.errors.contains("gibbon: warning: "), "\(line)")
      let warnings = try #require(try json("out.json", in: folder)["warnings"]?.arrayValue)
      #expect(warnings.first?["kind"]?.stringValue == "saturated")
    }
    #expect(try run("classify mnist-standard digit.png", in: folder).errors.isEmpty)
  }

  @Test("folders called by words are no classes of a network that knows others")
  func folders() throws {
    let folder = try Folder()
    try run("convert mnist-standard net.pt", in: folder)
    let data = try MNIST.load(.test)
    let places = (0..<200).filter { [3, 8].contains(data.label(at: $0)) }.prefix(30)
    for (name, digit) in [("eight", 8), ("three", 3)] {
      try FileManager.default.createDirectory(
        atPath: folder / "pictures/\(name)", withIntermediateDirectories: true)
      for place in places where data.label(at: place) == digit {
        let image = Bitmap(width: 28, height: 28, planes: try data.image(at: place).scalars)
        try folder.write(image.png(), to: "pictures/\(name)/\(place).png")
      }
    }
    let network = try BuiltInNetwork.mnistStandard.load().network
    try Architecture.named("mnist-small").network(
      loading: network.parameters, input: InputDescription(shape: [1, 28, 28])
    ).writeONNX(to: folder / "bare.onnx")
    let bad = try run("info bare.onnx --data images:pictures", in: folder)
    #expect(bad.output.contains("2 classes (eight, three), labelled 0 to 1"))
    #expect(bad.output.contains("--labels FILE"))
    #expect(!bad.output.contains("255"))
    let names = "zero\none\ntwo\nthree\nfour\nfive\nsix\nseven\neight\nnine\n"
    try folder.write(names.utf8, to: "names.txt")
    let good = try run("info bare.onnx --data images:pictures --labels names.txt", in: folder)
    #expect(good.output.contains("nothing looks wrong"))
  }

  @Test("info tells our own metadata of ONNX files as the description of the input")
  func metadata() throws {
    let folder = try Folder()
    try run("convert mnist-standard net.pt", in: folder)
    try run(
      "convert net.pt net.onnx --architecture mnist-small --mean 0.1 --std 0.5", in: folder)
    let info = try run("info net.onnx --json info.json", in: folder)
    #expect(info.output.contains("normalised by the means 0.1 and deviations 0.5"))
    #expect(!info.output.contains("gibbon."))
    let keys = try #require(try json("info.json", in: folder)["history"]?.objectValue).keys
    #expect(!keys.contains { $0.hasPrefix("gibbon.") })
  }

  @Test("training goes on from every form of file, and is looked at")
  func trainingFrom() throws {
    let folder = try Folder()
    for name in ["net.pt", "net.safetensors", "net.onnx"] {
      try run("convert mnist-standard \(name)", in: folder)
    }
    for name in ["mnist-standard", "net.pt", "net.safetensors", "net.onnx"] {
      let result = try run(
        "train mnist-small --from \(name) --output out.safetensors --count 300 --epochs 1 --rate 0.0001"
          + " --json out.json", in: folder)
      #expect(!result.errors.contains("warning"), "\(name): \(result.errors)")
      let epochs = try #require(try json("out.json", in: folder)["epochs"]?.arrayValue)
      #expect(try #require(epochs.first?["accuracy"]?.doubleValue) > 0.95, "\(name)")
    }
    // A training that learns nothing is told to have failed.
    let plain = try run(
      "train mnist-mlp --output plain.safetensors --count 300 --epochs 1 --rate 1e-12 --json out.json",
      in: folder)
    #expect(plain.errors.contains("warning: "))
    #expect(try json("out.json", in: folder)["warnings"]?.arrayValue?.isEmpty == false)
  }

  @Test("a network of one's own that has learnt little is told no cause, at once and later")
  func underfitted() throws {
    let folder = try Folder()
    for (name, count) in [("mnist-mlp", 200), ("mnist-small", 600)] {
      let line = "train \(name) --output own.safetensors --count \(count) --epochs 1 --rate 0.001"
      let trained = try run(line, in: folder)
      #expect(!trained.errors.contains("normalis") && !trained.errors.contains("instead"))
      for form in ["own.onnx", "own.pt"] { try run("convert own.safetensors \(form)", in: folder) }
      for model in ["own.safetensors", "own.onnx", "own.pt --architecture \(name)"] {
        let info = try run(
          "info \(model) --data mnist:train --count \(count) --json i.json", in: folder)
        let kinds = try json("i.json", in: folder)["warnings"]?.arrayValue?
          .compactMap { $0["kind"]?.stringValue }
        #expect(kinds?.filter { $0 != "near-chance" } == [], "\(model): \(info.output)")
      }
      try FileManager.default.removeItem(atPath: folder / "own.safetensors")
    }
  }

  @Test("what was trained by Gibbon is right about its input, so that the data are to be changed")
  func trainedHere() throws {
    let folder = try Folder()
    let digits = try MNIST.load(.test).subset(offset: 0, count: 200)
    let inputs = try digits.inputs(at: 0..<200)
    try folder.write(try flat(inputs.map { $0 / 255 }, digits.labels), to: "dark.npz")
    try folder.write(
      try flat(inputs.map { $0 * 0.3081 + 0.1307 }, digits.labels), to: "plain.npz")
    let dark = try run("info mnist-standard --data npz:dark.npz", in: folder)
    #expect(dark.output.contains("divided by 255 twice: multiply them by 255"), "\(dark.output)")
    #expect(!dark.output.contains("--input-range"))
    let other = try run("info mnist-robust --data npz:plain.npz", in: folder)
    #expect(!other.output.contains("--mean"), "\(other.output)")
  }

  @Test("sigmoids are recognised, and nothing else is made of what they hide", arguments: [1, 5])
  func sigmoids(count: Int) throws {
    let folder = try Folder()
    var random = Philox(key: 5)
    let weights = random.normals([count, 6]).map { 20 * $0 }
    var network = try Network("sigmoids", input: InputDescription(shape: [6]), seed: 0) {
      Linear(count)
      Activation(.sigmoid)
    }
    try network.load(["0.weight": weights, "0.bias": .zeros([count])])
    try network.writeONNX(to: folder / "net.onnx")
    let inputs = random.uniforms([60, 6]).map { 2 * $0 - 1 }
    let labels = (0..<60).map { row -> Int in
      let scores = (0..<count).map { output in
        zip(weights.row(output).scalars, inputs.row(row).scalars).reduce(0) { $0 + $1.0 * $1.1 }
      }
      return count == 1
        ? (scores[0] > 0 ? 1 : 0) : scores.indices.max { scores[$0] < scores[$1] } ?? 0
    }
    try folder.write(try flat(inputs, labels), to: "data.npz")
    let info = try run("info net.onnx --data npz:data.npz --json i.json", in: folder)
    #expect(info.output.contains("before its sigmoid") && !info.output.contains("255"))
    #expect(try json("i.json", in: folder)["warnings"]?.arrayValue?.count == 1, "\(info.output)")
  }

  @Test("of a linear network with few features no gradient is suspected")
  func fewFeatures() throws {
    let folder = try Folder()
    var random = Philox(key: 9)
    let weights = random.normals([4, 6])
    var network = try Network("linear", input: InputDescription(shape: [6]), seed: 0) { Linear(4) }
    try network.load(["0.weight": weights, "0.bias": .zeros([4])])
    try network.writeONNX(to: folder / "net.onnx")
    let inputs = random.uniforms([60, 6])
    let labels = (0..<60).map { row -> Int in
      let scores = (0..<4).map { output in
        zip(weights.row(output).scalars, inputs.row(row).scalars).reduce(0) { $0 + $1.0 * $1.1 }
      }
      return scores.indices.max { scores[$0] < scores[$1] } ?? 0
    }
    try folder.write(try flat(inputs, labels), to: "data.npz")
    for radius in ["0.05", "0.1", "0.2"] {
      let result = try run(
        "evaluate net.onnx --data npz:data.npz --threat linf:\(radius) --json e.json", in: folder)
      let checks = try #require(try json("e.json", in: folder)["checks"]?.arrayValue)
      #expect(checks.count == 10, "\(result.output)")
      #expect(!checks.contains { $0["status"]?.stringValue == "suspicious" }, "\(result.output)")
    }
  }
}
