import Datasets
import Foundation
import Images
import JSON
import Networks
import Tensors
import TestSupport
import Testing

/// Labels as people write them, and names of folders, and what messages advise about them, carried out.
@Suite struct LabelRemedyTests {
  private static let inputs: [Float] = [1, 0, 0, 1, 0.5, 0.25, 0.25, 0.5]

  /// A folder with a linear network of one output, x - y, and one of three.
  private func folder() throws -> Folder {
    let folder = try Folder()
    let weight: [Float] = [1, -1, -1, 1, 0.1, 0.1]
    for outputs in [1, 3] {
      var network = try Network("linear", input: InputDescription(shape: [2]), seed: 0) {
        Linear(outputs)
      }
      try network.load([
        "0.weight": Tensor(Array(weight.prefix(2 * outputs)), shape: [outputs, 2]),
        "0.bias": .zeros([outputs]),
      ])
      try network.writeONNX(to: folder / "linear\(outputs).onnx")
    }
    return folder
  }

  private func write(_ y: NPYContents, to folder: Folder) throws {
    let x = NPYContents(Tensor(Self.inputs, shape: [4, 2]))
    try folder.write(try NPYContents.npz(["x": x, "y": y]), to: "a.npz")
  }

  private func predict(
    _ model: String, in folder: Folder, _ more: String = ""
  ) throws -> (accuracy: Double?, errors: String) {
    let result = try Command.run(
      line: "predict \(model) --data npz:a.npz --output out.npz --json out.json\(more)", in: folder)
    try #require(result.status == 0, "\(result.errors)")
    let json = try JSONValue(parsing: #require(folder.text("out.json")))
    return (json["clean_accuracy"]?.doubleValue, result.errors)
  }

  private func refusal(_ line: String, in folder: Folder) throws -> String {
    let result = try Command.run(line: line, in: folder)
    #expect(result.status == 2 && result.output.isEmpty, "\(line): \(result.output)")
    #expect(result.errorLines.count == 2, "\(line): \(result.errors)")
    return result.message
  }

  @Test("whole floats are classes, in one axis or a column")
  func wholeFloats() throws {
    let folder = try folder()
    for shape: Shape in [[4], [4, 1]] {
      for model in ["linear1.onnx", "linear3.onnx"] {
        let labels: [Float] = model == "linear1.onnx" ? [1, 0, 1, 0] : [0, 1, 0, 1]
        try write(NPYContents(Tensor(labels, shape: shape)), to: folder)
        #expect(try predict(model, in: folder).accuracy == 1)
        for verb in ["attack", "evaluate --no-checks"] {
          let result = try Command.run(
            line: "\(verb) \(model) --data npz:a.npz --threat linf:0.01", in: folder)
          #expect(result.status == 0, "\(result.errors)")
        }
      }
    }
  }

  @Test("-1 and 1 are the classes of a single output, with a note")
  func signs() throws {
    let folder = try folder()
    let integers = NPYContents([1, -1, 1, -1])
    let floats = NPYContents(Tensor<Float>([1, -1, 1, -1], shape: [4, 1]))
    for y in [integers, floats] {
      try write(y, to: folder)
      let (accuracy, errors) = try predict("linear1.onnx", in: folder)
      #expect(accuracy == 1)
      #expect(
        errors.contains("npz:a.npz: the labels -1 and 1 are taken as the classes 0 and 1\n"))
      for verb in ["attack", "evaluate --no-checks"] {
        let result = try Command.run(
          line: "\(verb) linear1.onnx --data npz:a.npz --threat linf:0.01", in: folder)
        #expect(result.status == 0 && result.errors.contains("-1 and 1 are taken as"))
      }
      for verb in ["attack", "evaluate"] {
        let message = try refusal(
          "\(verb) linear3.onnx --data npz:a.npz --threat linf:0.01", in: folder)
        #expect(
          message.contains("(y + 1) // 2") && message.contains("--targets numbers"), "\(message)")
      }
    }
    try write(NPYContents([1, 0, 1, 0]), to: folder)
    #expect(try predict("linear3.onnx", in: folder).accuracy == 0)
    try write(NPYContents(integers: [-1, 0, 1, 1], shape: [4]), to: folder)
    let others = try refusal("attack linear1.onnx --data npz:a.npz --threat linf:0.01", in: folder)
    #expect(
      others.contains(
        "classes count from 0; for the numbers of a regression, add --targets numbers"))
    #expect(try predict("linear1.onnx", in: folder, " --targets numbers").accuracy == nil)
  }

  @Test("labels that count from 1 are suspected, and right once they count from 0")
  func fromOne() throws {
    let folder = try folder()
    try write(NPYContents([2, 1, 2, 1]), to: folder)
    let (accuracy, errors) = try predict("linear1.onnx", in: folder)
    #expect(accuracy == nil)
    #expect(errors.contains("warning: npz:a.npz: no accuracy is given"), "\(errors)")
    #expect(errors.contains("seem to count from 1: y - 1;") && errors.contains("--targets numbers"))
    for verb in ["attack", "evaluate"] {
      let message = try refusal(
        "\(verb) linear1.onnx --data npz:a.npz --threat linf:0.01", in: folder)
      #expect(message.contains("count from 1") && message.contains("--targets numbers"))
    }
    let info = try Command.run(line: "info linear1.onnx --data npz:a.npz", in: folder)
    #expect(info.status == 0 && info.errors.contains("seem to count from 1"))
    // What is advised.
    try write(NPYContents([1, 0, 1, 0]), to: folder)
    #expect(try predict("linear1.onnx", in: folder).accuracy == 1)
    try write(NPYContents([1, 2, 1, 3]), to: folder)
    let three = try refusal("predict linear3.onnx --data npz:a.npz --output out.npz", in: folder)
    #expect(three.contains("seem to count from 1, expected them from 0: y - 1"), "\(three)")
    try write(NPYContents([5, 2, 1, 3]), to: folder)
    #expect(
      try predict("linear1.onnx", in: folder).errors.contains(
        "the labels are 1 to 5"))
    #expect(try predict("linear1.onnx", in: folder, " --targets numbers").errors.isEmpty)
  }

  @Test("every refusal over targets names --targets")
  func namesTheOption() throws {
    let folder = try folder()
    let fractions = NPYContents(Tensor<Float>([0.5, 1, 0, 2], shape: [4]))
    let many = NPYContents(Tensor<Float>([0, 1, 2, 3, 4, 5, 6, 7], shape: [4, 2]))
    let flags = NPYContents(integers: [1, 1, 0, 1, 1, 0, 0, 0], shape: [4, 2])
    for (y, words) in [
      (fractions, "predict linear3.onnx --output out.npz"),
      (fractions, "predict linear3.onnx --output out.npz --targets classes"),
      (fractions, "attack linear1.onnx --threat linf:0.1"),
      (fractions, "evaluate linear1.onnx --threat linf:0.1"),
      (fractions, "attack linear1.onnx --threat linf:0.1 --target 1"),
      (fractions, "predict linear1.onnx --output out.npz --gradient"),
      (many, "predict linear3.onnx --output out.npz"),
      (many, "predict linear3.onnx --output out.npz --targets classes"),
      (many, "predict linear3.onnx --output out.npz --targets multi-label"),
      (flags, "attack linear3.onnx --threat linf:0.1"),
      (flags, "evaluate linear3.onnx --threat linf:0.1"),
      (flags, "attack linear3.onnx --threat linf:0.1 --target 1"),
      (flags, "predict linear3.onnx --output out.npz --targets classes"),
      (NPYContents([0, 1, 2, 7]), "predict linear3.onnx --output out.npz"),
      (NPYContents([0, 1, 2, 7]), "attack linear1.onnx --threat linf:0.1"),
      (NPYContents([0, 1, -7, 2]), "predict linear3.onnx --output out.npz"),
      (NPYContents([0, 1, 1_000_001, 2]), "predict linear1.onnx --output out.npz"),
    ] {
      try write(y, to: folder)
      let message = try refusal("\(words) --data npz:a.npz", in: folder)
      #expect(message.contains("--targets"), "\(words): \(message)")
    }
  }

  /// A folder of pictures in folders of these names, each white at another place.
  private func pictures(_ names: [String]) throws -> Folder {
    let folder = try Folder()
    try folder.write(PlainONNX.flatten([1, 1, names.count]), to: "same.onnx")
    for (place, name) in names.enumerated() {
      try FileManager.default.createDirectory(
        atPath: folder / "data/\(name)", withIntermediateDirectories: true)
      let bytes = names.indices.map { $0 == place ? UInt8(255) : 0 }
      let picture = Bitmap(width: names.count, height: 1, channels: .grey, bytes: bytes)
      try folder.write(picture.png(), to: "data/\(name)/a.png")
    }
    return folder
  }

  private func labels(_ line: String, in folder: Folder) throws -> (labels: [Int], errors: String) {
    let result = try Command.run(line: "predict \(line) --output out.npz", in: folder)
    try #require(result.status == 0, "\(line): \(result.errors)")
    return (try NPZ(path: folder / "out.npz").array("y").integers(), result.errors)
  }

  @Test("folders called 00, 07 and 09 are numbers, with and without a network's names")
  func numbers() throws {
    let folder = try pictures(["00", "07", "09"])
    #expect(try labels("mnist-standard --data images:data", in: folder).labels == [0, 7, 9])
    #expect(
      try refusal("predict same.onnx --data images:data --output out.npz", in: folder).contains(
        "has the label 9, but same.onnx has 3 classes"))
    let two = try pictures(["class_1", "class_0"])
    #expect(try labels("mnist-standard --data images:data", in: two).labels == [0, 1])
  }

  @Test("a folder that is called as no class is told the classes, and the remedy works")
  func names() throws {
    let folder = try pictures(["cat", "cow", "dog"])
    let line = "predict mnist-standard --data images:data --output out.npz"
    let message = try refusal(line, in: folder)
    #expect(
      message.contains("data/cat: is not the name of one of the 10 classes (0, 1, 2, 3"),
      "\(message)")
    #expect(message.contains("by --labels FILE"))
    try folder.write("a\ndog\nb\nc\ncat\nd\ncow\ne\nf\ng\n".utf8, to: "names.txt")
    #expect(
      try labels("mnist-standard --labels names.txt --data images:data", in: folder).labels
        == [4, 6, 1])
  }

  @Test("folders that count from 1 are suspected, and named they are right")
  func foldersFromOne() throws {
    let folder = try pictures(["1", "2", "3"])
    let line = "predict same.onnx --data images:data --output out.npz"
    let message = try refusal(line, in: folder)
    #expect(message.contains("seem to count from 1") && message.contains("--labels FILE"))
    #expect(!message.contains("--targets"))
    try folder.write("1\n2\n3\n".utf8, to: "names.txt")
    #expect(
      try labels("same.onnx --labels names.txt --data images:data", in: folder).labels == [0, 1, 2])
    try folder.write("01\n02\n03\n".utf8, to: "names.txt")
    #expect(
      try labels("same.onnx --labels names.txt --data images:data", in: folder).labels == [0, 1, 2])
  }

  @Test("where the order of names is not that of numbers, it is said how folders are counted")
  func orders() throws {
    let numbers = (0..<11).map { "\($0)" }
    let folder = try pictures(numbers)
    let counted = try labels("same.onnx --data images:data", in: folder)
    #expect(counted.labels == [0, 1, 10, 2, 3, 4, 5, 6, 7, 8, 9])
    #expect(counted.errors.contains("would make 10 class 2"), "\(counted.errors)")
    let prefixed = try pictures(numbers.map { "class_\($0)" })
    let sorted = try labels("same.onnx --data images:data", in: prefixed)
    #expect(sorted.labels == Array(0..<11))
    #expect(sorted.errors.contains("(class_10 is class 2)"), "\(sorted.errors)")
    let text = numbers.map { "class_\($0)\n" }.joined()
    try prefixed.write(text.utf8, to: "names.txt")
    let named = try labels("same.onnx --labels names.txt --data images:data", in: prefixed)
    #expect(named.labels == counted.labels && !named.errors.contains("torchvision"))
  }
}
