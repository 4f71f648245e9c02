import Foundation
import Images
import JSON
import Networks
import Tensors
import Testing

/// Networks for data of one's own, in the size and the classes of these, and networks that are trained further.
@Suite("Networks for data of one's own") struct OwnDataTests {
  /// Two folders of pictures, of which one is lighter.
  private static func pictures(in folder: Folder, side: Int) throws {
    for (shade, name) in [(Float(0.25), "cats"), (0.75, "dogs")] {
      let place = folder / "photos/\(name)"
      try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
      for number in 0..<20 {
        var randomness = Philox(key: UInt64(number))
        let planes: Tensor<Float> = randomness.uniforms([3, side, side])
        let values = planes.scalars.map { shade + ($0 - 0.5) / 4 }
        try folder.write(
          Bitmap(width: side, height: side, channels: .rgb, planes: values).png(),
          to: "photos/\(name)/\(number).png")
      }
    }
  }

  private func run(_ line: String, in folder: Folder) throws -> Command.Result {
    let result = try Command.run(line: line, in: folder)
    #expect(result.status == 0, "\(line): \(result.errors)")
    return result
  }

  @Test(
    "a folder of pictures is trained on, evaluated and exported in three commands",
    arguments: [20, 120])
  func pictures(side: Int) throws {
    let folder = try Folder()
    try Self.pictures(in: folder, side: side)
    let trained = try run(
      "train mnist-small --data images:photos --output mine.safetensors --epochs 6 --batch 10 --rate 0.01"
        + " --augment flip --class-weights balanced", in: folder)
    // Photographs are brought to the architecture's size, small pictures are taken as they are.
    let form = side == 20 ? "mnist-small@3x20x20:2" : "mnist-small@1x28x28:2"
    #expect(trained.errors.contains("is resized to the data"), "\(trained.errors)")
    #expect(trained.errors.contains(form), "\(trained.errors)")
    let evaluated = try run(
      "evaluate mine.safetensors --data images:photos --threat linf:1/255 --attacks pgd --json e.json",
      in: folder)
    let record = try JSONValue(parsing: #require(folder.text("e.json")))
    #expect(record["clean_accuracy"]?.doubleValue == 1, "\(evaluated.output)")
    let info = try run("info mine.safetensors", in: folder)
    #expect(info.output.contains("2 scores: cats dogs"), "\(info.output)")
    for part in ["settings architecture: mnist-small", "augment: flip", "class-weights: balanced"] {
      #expect(info.output.contains(part), "\(info.output)")
    }
    _ = try run("convert mine.safetensors mine.onnx", in: folder)
    let again = try run("predict mine.onnx --data images:photos --output p.npz", in: folder)
    #expect(!again.errors.contains("warning"), "\(again.errors)")
  }

  @Test("a network for other classes gets a new last layer")
  func otherClasses() throws {
    let folder = try Folder()
    try Self.pictures(in: folder, side: 20)
    let end = "--data images:photos --epochs 1 --batch 10"
    _ = try run("train mnist-small --output two.safetensors \(end)", in: folder)
    try FileManager.default.copyItem(
      atPath: folder / "photos/cats", toPath: folder / "photos/birds")
    let refused = try Command.run(
      line: "train two.safetensors --output three.safetensors \(end)", in: folder)
    #expect(
      refused.message
        == "gibbon: images:photos: has the class 'birds', which is none of the 2 that two.safetensors knows;"
        + " mnist-small as the architecture and --from two.safetensors train a new last layer")
    let three = try run(
      "train mnist-small --from two.safetensors --output three.safetensors --freeze 0,2,5 \(end)",
      in: folder)
    #expect(
      three.errors.contains(
        "the last layer (7.weight, 7.bias) starts from scratch, for 3 classes instead of 2"))
    let before = try NetworkFile(path: folder / "two.safetensors").network
    let after = try NetworkFile(path: folder / "three.safetensors").network
    #expect(after.outputCount == 3 && after.input.classNames == ["birds", "cats", "dogs"])
    for name in before.parameterNames where !name.hasPrefix("7.") {
      #expect(after.parameters[name] == before.parameters[name], "\(name)")
    }
  }

  @Test("one folder is no task")
  func oneClass() throws {
    let folder = try Folder()
    try Self.pictures(in: folder, side: 20)
    try FileManager.default.removeItem(atPath: folder / "photos/dogs")
    let result = try Command.run(
      line: "train resnet20 --data images:photos --output mine.safetensors", in: folder)
    #expect(
      result.message
        == "gibbon: images:photos: has the class cats alone; expected two or more, such as a folder for each"
    )
  }

  @Test("a network of ONNX is trained further, interrupted or not, with layers frozen")
  func further() throws {
    let folder = try Folder()
    _ = try run("convert mnist-standard known.onnx", in: folder)
    _ = try run("convert mnist-standard tensors.pt", in: folder)
    let end = "--count 300 --epochs 1 --rate 0.0005 --threat linf:0.1 --attack fgsm"
    let tensors = try run("train tensors.pt --output a.safetensors \(end)", in: folder)
    #expect(tensors.errors.contains("tensors.pt: the tensors are those of mnist-small"))
    _ = try run("train known.onnx --output b.onnx --freeze 0,2 \(end)", in: folder)
    let before = try NetworkFile(path: folder / "a.safetensors").network
    #expect(before.architecture == "mnist-small")
    let refused = try Command.run(
      line: "train known.onnx --output b.onnx --freeze 99 \(end)", in: folder)
    #expect(refused.status == 2 && refused.message.contains("'99' to freeze"), "\(refused.message)")
    let both = try Command.run(
      line: "train known.onnx --from mnist-robust --output c.onnx", in: folder)
    #expect(both.status == 2 && both.message.contains("is a network already"), "\(both.message)")
  }

  @Test(
    "a network of no known architecture goes on after Ctrl-C as if it had never stopped, with its metrics"
  )
  func resumed() throws {
    let network = try Network("own", input: InputDescription(shape: [1, 28, 28]), seed: 1) {
      Convolve(4, kernel: 4, stride: 4)
      BatchNorm()
      ReLU()
      Flatten()
      Linear(10)
    }
    let line =
      "train own.onnx --output out.onnx --count 600 --epochs 30 --batch 20 --rate 0.001"
      + " --metrics m.jsonl --metrics-every 7"
    let words = line.split(separator: " ").map(String.init)
    let (whole, folder) = (try Folder(), try Folder())
    for folder in [whole, folder] { try network.writeONNX(to: folder / "own.onnx") }
    _ = try run(line, in: whole)
    let command = try Command(words, in: folder.path)
    try command.wait { command.errorsSoFar.contains("epoch 1 of ") }
    command.interrupt()
    #expect(try command.result().status == 130)
    #expect(folder.names == ["m.jsonl", "out.onnx.state", "own.onnx"])
    _ = try run(line + " --resume", in: folder)
    let (end, expected) = (
      try ONNXFile(path: folder / "out.onnx"), try ONNXFile(path: whole / "out.onnx")
    )
    #expect(end.network.parameters == expected.network.parameters)
    #expect(end.network.parameters != network.parameters)
    #expect(try course(folder) == course(whole))
    let refused = try Command.run(line: "train own.onnx --output own.safetensors", in: folder)
    #expect(refused.status == 2)
    #expect(refused.message.contains("a .safetensors file holds no graph"), "\(refused.message)")
  }

  /// The lines of metrics without times.
  private func course(_ folder: Folder) throws -> [JSONValue] {
    try #require(folder.text("m.jsonl")).split(separator: "\n").map { line in
      var object = try #require(JSONValue(parsing: Array(line.utf8)).objectValue)
      object["time"] = nil
      object["examples_per_second"] = nil
      return .object(object)
    }
  }
}
