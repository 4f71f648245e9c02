import Datasets
import Foundation
import JSON
import Networks
import Tensors
import Testing

/// Networks in files of other programs, what is said of their input, and what is written of them.
@Suite struct ModelFileTests {
  /// Runs a line that must succeed.
  @discardableResult
  private func run(_ line: String, in folder: Folder) throws -> Command.Result {
    let result = try Command.run(line: line, in: folder)
    try #require(result.status == 0, "\(line): \(result.errors)")
    return result
  }

  private func json(_ name: String, in folder: Folder) throws -> JSONValue {
    try JSONValue(parsing: #require(folder.text(name)))
  }

  @Test("predict writes what the network says, and the gradient of its cross-entropy")
  func predict() throws {
    let folder = try Folder()
    try run(
      "predict mnist-robust --count 20 --gradient --output out.npz --json out.json", in: folder)
    let file = try NPZ(path: folder / "out.npz")
    #expect(file.names == ["logits", "gradient", "x", "y"])
    let logits = try file.array("logits").tensor()
    let gradient = try file.array("gradient").tensor()
    let data = try MNIST.load(.test).subset(offset: 0, count: 20)
    #expect(logits.shape == [20, 10] && gradient.shape == [20, 1, 28, 28])
    #expect(try file.array("x").tensor() == data.inputs(at: 0..<20))
    #expect(try file.array("y").integers() == data.labels)
    // A step along the gradient raises the loss by its length squared, as far as the loss is linear.
    let loss = { (row: Int, scores: Tensor<Float>) -> Double in
      let top = Double(scores.scalars.max() ?? 0)
      let sum = scores.scalars.reduce(0) { $0 + exp(Double($1) - top) }
      return top + log(sum) - Double(scores[data.label(at: row)])
    }
    let step: Float = 1e-3
    var moved: [Float] = []
    for row in 0..<20 {
      let slope = gradient.row(row)
      let length = Float(max(slope.norm2, 1e-30))
      moved += (try data.image(at: row) + (step / length) * slope).scalars
    }
    try folder.write(
      try NPYContents.npz([
        "x": NPYContents(Tensor(moved.map { min(max($0, 0), 1) }, shape: gradient.shape)),
        "y": NPYContents(data.labels),
      ]), to: "moved.npz")
    try run("predict mnist-robust --data npz:moved.npz --output moved-out.npz", in: folder)
    let after = try NPZ(path: folder / "moved-out.npz").array("logits").tensor()
    for row in 0..<20 {
      #expect(loss(row, after.row(row)) >= loss(row, logits.row(row)) - 1e-5)
    }
    let result = try json("out.json", in: folder)
    #expect(result["verb"]?.stringValue == "predict")
    #expect(result["warnings"]?.arrayValue?.isEmpty == true)
  }

  @Test("every form of file holds the same network")
  func conversions() throws {
    let folder = try Folder()
    try run("predict mnist-standard --count 50 --output base.npz", in: folder)
    let base = try NPZ(path: folder / "base.npz").array("logits").tensor()
    let scale = base.normInfinity
    for (name, options) in [
      ("net.onnx", ""), ("net.pt", "--architecture mnist-small"),
      ("net.safetensors", ""), ("again.safetensors", ""),
    ] {
      let source =
        name == "again.safetensors" ? "net.pt --architecture mnist-small" : "mnist-standard"
      let words = source.split(separator: " ", maxSplits: 1)
      let rest = words.count == 2 ? " " + words[1] : ""
      try run("convert \(words[0]) \(name)\(rest)", in: folder)
      try run("predict \(name) --count 50 --output out.npz \(options)", in: folder)
      let logits = try NPZ(path: folder / "out.npz").array("logits").tensor()
      #expect((logits - base).normInfinity <= 1e-5 * scale, "\(name)")
    }
    try run("convert mnist-standard net.npz", in: folder)
    let network = try BuiltInNetwork.mnistStandard.load().network
    #expect(try NPZ(path: folder / "net.npz").names == network.parameterNames.sorted())
    #expect(
      try Command.run(line: "convert mnist-standard net.h5", in: folder).message.contains(
        "expected a name that ends in"))
  }

  @Test("tensors alone need their form, which is guessed and not taken for granted")
  func architecture() throws {
    let folder = try Folder()
    try run("convert mnist-standard net.pt", in: folder)
    let none = try Command.run(line: "info net.pt", in: folder)
    #expect(none.status == 2)
    #expect(none.message.contains("give it by --architecture, which could be mnist-small"))
    let wrong = try Command.run(line: "info net.pt --architecture mnist-mlp", in: folder)
    #expect(wrong.status == 2)
    #expect(wrong.message.contains("1.weight (200x784) is missing"))
    #expect(
      try run("info net.pt --architecture mnist-small", in: folder).output.contains("mnist-small"))
    try run("convert mnist-standard net.safetensors", in: folder)
    let other = try Command.run(line: "info net.safetensors --architecture mnist-mlp", in: folder)
    #expect(other.message.contains("holds mnist-small, but --architecture is mnist-mlp"))
  }

  @Test("what is said of the input is carried on, and wrong things are warned of with the mend")
  func description() throws {
    let folder = try Folder()
    try run("convert mnist-standard net.pt", in: folder)
    let form = "net.pt --architecture mnist-small --count 100"
    let attack = "--threat linf:0.01 --attack fgsm --json out.json"
    let good = try run("attack \(form) \(attack)", in: folder)
    #expect(good.errors.isEmpty)
    #expect(try json("out.json", in: folder)["warnings"]?.arrayValue?.isEmpty == true)
    let bad = try run("attack \(form) \(attack) --input-range -100:0", in: folder)
    #expect(bad.message.hasPrefix("gibbon: warning: "))
    #expect(bad.message.hasSuffix("leave out --input-range"))
    let warning = try #require(try json("out.json", in: folder)["warnings"]?.arrayValue?.first)
    #expect(warning["kind"]?.stringValue == "input-range")
    #expect(warning["mend"]?.stringValue == "leave out --input-range")
    try run(
      "convert net.pt own.safetensors --architecture mnist-small --mean 0.1 --std 0.5", in: folder)
    let info = try run("info own.safetensors --json info.json", in: folder)
    #expect(info.output.contains("normalised by the means 0.1 and deviations 0.5"))
    #expect(try json("info.json", in: folder)["mean"]?.arrayValue == [0.1])
    let twice = try Command.run(line: "info own.safetensors --mean 0 --std 1", in: folder)
    #expect(twice.status == 2 && twice.message.contains("describes its own input"))
    for (words, expected) in [
      ("--mean 0.1", "--mean and --std belong together"),
      ("--mean a --std 1", "expected numbers joined by commas"),
      ("--mean 1,2 --std 1", "expected as many of both"),
      ("--mean 1,2 --std 1,2", "has 1 channels"), ("--mean 0 --std 0", "positive standard"),
      ("--input-range 1", "expected LOWER:UPPER"), ("--input-range 1:0", "expected LOWER:UPPER"),
      ("--layout chw", "expected nchw or nhwc"), ("--channels bgr", "has not three"),
    ] {
      let result = try Command.run(
        line: "info net.pt --architecture mnist-small \(words)", in: folder)
      #expect(result.status == 2)
      #expect(result.message.contains(expected), "\(result.errors)")
    }
  }

  @Test("info says whether a network fits its data")
  func examination() throws {
    let folder = try Folder()
    let fine = try run("info mnist-standard --data mnist:test", in: folder)
    #expect(fine.output.contains("nothing looks wrong") && fine.errors.isEmpty)
    let network = try BuiltInNetwork.mnistStandard.load().network
    let data = try MNIST.load(.test).subset(offset: 0, count: 200)
    let inputs = try data.inputs(at: 0..<200)
    try folder.write(
      try NPYContents.npz([
        "x": NPYContents(inputs.map { 1 - $0 }), "y": NPYContents(data.labels),
      ]), to: "inverted.npz")
    let bad = try run("info mnist-standard --data npz:inverted.npz --json info.json", in: folder)
    #expect(bad.output.contains("invert the data"))
    #expect(try json("info.json", in: folder)["warnings"]?.arrayValue?.isEmpty == false)
    #expect(network.outputCount == 10)
  }

  @Test("a single output decides between two classes, or is a regression; several may decide each")
  func goals() throws {
    let folder = try Folder()
    let input = InputDescription(shape: [1, 28, 28])
    let base = try BuiltInNetwork.mnistStandard.load().network
    // Zeros against ones: the difference of their templates.
    let data = try MNIST.load(.test)
    let positions = (0..<400).filter { data.label(at: $0) < 2 }
    var weight = [Float](repeating: 0, count: 784)
    for position in positions {
      let sign: Float = data.label(at: position) == 1 ? 1 : -1
      for (index, value) in try data.image(at: position).scalars.enumerated() {
        weight[index] += sign * value / 40
      }
    }
    for outputs in [1, 3] {
      var network = try Network("lines", input: input, seed: 0) {
        Flatten()
        Linear(outputs)
      }
      var parameters = network.parameters
      parameters["1.weight"] = Tensor(
        (0..<outputs).flatMap { output in weight.map { $0 * Float(output + 1) } },
        shape: [outputs, 784])
      parameters["1.bias"] = .zeros([outputs])
      try network.load(parameters)
      try network.writeONNX(to: folder / "lines\(outputs).onnx")
    }
    try folder.write(
      try NPYContents.npz([
        "x": NPYContents(try data.inputs(at: positions)),
        "y": NPYContents(data.labels(at: positions)),
      ]), to: "two.npz")
    func attack(_ words: String) throws -> JSONValue {
      try run("attack \(words) --threat linf:0.3 --steps 10 --json out.json", in: folder)
      return try json("out.json", in: folder)
    }
    let binary = try attack("lines1.onnx --data npz:two.npz")
    #expect(try #require(binary["clean_accuracy"]?.doubleValue) > 0.8)
    #expect(
      try #require(binary["robust_accuracy"]?.doubleValue)
        < #require(binary["clean_accuracy"]?.doubleValue))
    let target = try attack("lines1.onnx --data npz:two.npz --target 1")
    #expect(target["goal"]?.stringValue == "class:1")
    #expect(try #require(target["examples"]?.arrayValue).allSatisfy { $0["label"]?.intValue == 0 })
    // The largest change of a linear output is the 1-norm of its weight times the radius.
    let reach = Double(weight.reduce(0) { $0 + abs($1) }) * 0.3
    let near = try attack("lines1.onnx --data npz:two.npz --goal leave:\(reach * 0.2)")
    #expect(try #require(near["robust_accuracy"]?.doubleValue) < 0.1)
    let far = try attack("lines1.onnx --data npz:two.npz --goal leave:\(reach * 1.01)")
    #expect(far["robust_accuracy"]?.doubleValue == 1)
    let decisions = try attack("lines3.onnx --data npz:two.npz --goal decision")
    #expect(try #require(decisions["robust_accuracy"]?.doubleValue) < 0.9)
    let regression = try Command.run(
      line: "attack lines1.onnx --threat linf:0.1 --count 50", in: folder)
    #expect(regression.status == 2)
    #expect(regression.message.contains("a regression needs --goal leave:DISTANCE"))
    for words in [
      "--goal leave", "--goal leave:0", "--goal leave:1@9", "--goal x", "--goal class:-1",
    ] {
      let result = try Command.run(
        line: "attack lines1.onnx --data npz:two.npz --threat linf:0.1 \(words)", in: folder)
      #expect(result.status == 2 && result.message.contains("--goal"), "\(result.errors)")
    }
    #expect(base.outputCount == 10)
  }
}
