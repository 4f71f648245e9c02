import Datasets
import Foundation
import JSON
import Networks
import ONNXMessages
import SwiftProtobuf
import Tensors
import Testing

/// Which output and input of an ONNX file a command takes, and which shapes of examples.
@Suite struct EntryTests {
  /// Runs a line that must succeed.
  @discardableResult
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

  private func logits(_ line: String, in folder: Folder) throws -> Tensor<Float> {
    try run("predict \(line) --output out.npz", in: folder)
    return try NPZ(path: folder / "out.npz").array("logits").tensor()
  }

  private static func value(_ name: String, _ dims: [Int64?]) -> Onnx_ValueInfoProto {
    .with {
      $0.name = name
      $0.type.tensorType.elemType = 1
      $0.type.tensorType.shape.dim = dims.map { dim in
        .with { $0.value = dim.map { .dimValue($0) } ?? .dimParam("n") }
      }
    }
  }

  private static func node(_ op: String, _ input: [String], _ output: String) -> Onnx_NodeProto {
    .with { ($0.opType, $0.input, $0.output) = (op, input, [output]) }
  }

  /// A file whose input is reduced to its means over height and width, or to the rows of a table.
  private static func file(
    input dims: [Int64?], _ nodes: [Onnx_NodeProto], outputs: [String], inputs: [String] = []
  ) throws -> [UInt8] {
    let model = Onnx_ModelProto.with {
      $0.irVersion = 8
      $0.opsetImport = [.with { $0.version = 17 }]
      $0.graph.node = nodes
      $0.graph.input = [value("x", dims)] + inputs.map { value($0, [nil, 3]) }
      $0.graph.output = outputs.map { value($0, [nil, nil]) }
    }
    return try model.serializedBytes()
  }

  private static let pictures: Tensor<Float> = {
    let values = (0..<768).map { place -> Float in
      let step = (place * 29 + place / 64 * 3) % 97
      return Float(step) / 97
    }
    return Tensor(values, shape: [4, 3, 8, 8])
  }()

  private static func means() -> [Float] {
    (0..<12).map { map -> Float in
      var sum = 0.0
      for place in 0..<64 { sum += Double(pictures[map * 64 + place]) }
      return Float(sum / 64)
    }
  }

  @Test("an output is chosen by its name, in every command")
  func outputs() throws {
    let folder = try Folder()
    let nodes = [
      Self.node("GlobalAveragePool", ["x"], "g"), Self.node("Flatten", ["g"], "means"),
      Self.node("Neg", ["means"], "others"),
    ]
    try folder.write(
      try Self.file(input: [nil, 3, 8, 8], nodes, outputs: ["means", "others"]), to: "two.onnx")
    try folder.write(
      try Self.file(input: [nil, 3, 8, 8], nodes, outputs: ["others"]), to: "one.onnx")
    let labels = (0..<4).map { row -> Int in
      let means = Array(Self.means()[row * 3..<row * 3 + 3])
      return means.firstIndex(of: means.max() ?? 0) ?? 0
    }
    try folder.write(
      try NPYContents.npz(["x": NPYContents(Self.pictures), "y": NPYContents(labels)]),
      to: "data.npz")
    let first = try run("predict two.onnx --data npz:data.npz --output out.npz", in: folder)
    #expect(first.errors.contains("two.onnx: of the outputs 'means', 'others'"))
    #expect(first.errors.contains("--output-name others"))
    let means = try NPZ(path: folder / "out.npz").array("logits").tensor()
    for (own, wanted) in zip(means.scalars, Self.means()) { #expect(abs(own - wanted) < 1e-6) }
    let others = try logits("two.onnx --data npz:data.npz --output-name others", in: folder)
    #expect(others.scalars == means.scalars.map { -$0 })
    // What is written keeps what was chosen.
    try run("convert two.onnx others.onnx --output-name others", in: folder)
    #expect(try logits("others.onnx --data npz:data.npz", in: folder) == others)
    for line in [
      "info two.onnx --data npz:data.npz", "attack two.onnx --data npz:data.npz --threat linf:0.1",
      "attack two.onnx --data npz:data.npz --threat linf:0.1 --surrogate one.onnx",
      "evaluate two.onnx --model2 one.onnx --data npz:data.npz --threat linf:0.1 --no-checks",
    ] {
      let result = try run(line + " --output-name means", in: folder)
      #expect(!result.errors.contains("of the outputs"), "\(line): \(result.errors)")
    }
    let absent = try refusal(
      "attack two.onnx --data npz:data.npz --threat linf:0.1 --output-name none", in: folder)
    #expect(absent == "gibbon: two.onnx: there is no output 'none'; there are 'means', 'others'")
    #expect(
      try refusal("attack mnist-robust --threat linf:0.1 --output-name none", in: folder)
        == "gibbon: --output-name applies only to ONNX files; mnist-robust is not one")
  }

  @Test("an input that is the same for every example gets its values")
  func inputs() throws {
    let folder = try Folder()
    try folder.write(
      try Self.file(
        input: [nil, 3, 8, 8],
        [
          Self.node("GlobalAveragePool", ["x"], "g"), Self.node("Flatten", ["g"], "means"),
          Self.node("Add", ["means", "more"], "y"),
        ], outputs: ["y"], inputs: ["more"]), to: "two.onnx")
    try folder.write(try NPYContents.npz(["x": NPYContents(Self.pictures)]), to: "data.npz")
    let message = try refusal(
      "predict two.onnx --data npz:data.npz --output out.npz", in: folder)
    #expect(message.contains("found 'x', 'more' (") && message.contains("--constant-input"))
    let own = try logits(
      "two.onnx --data npz:data.npz --constant-input more=1,-2,0.5", in: folder)
    let offsets: [Float] = [1, -2, 0.5]
    for (place, wanted) in Self.means().enumerated() {
      let sum = wanted + offsets[place % 3]
      #expect(abs(own[place] - sum) < 1e-6)
    }
    for (text, part) in [
      ("more", "expected NAME=VALUES"), ("more=a", "expected numbers"),
      ("more=1,2", "2 values do not fill 1x3"), ("none=1", "there is no input 'none'"),
    ] {
      let message = try refusal(
        "predict two.onnx --data npz:data.npz --output out.npz --constant-input \(text)",
        in: folder)
      #expect(message.contains(part), "\(message)")
    }
  }

  @Test("height and width are the data's, or what is said of them")
  func openShapes() throws {
    let folder = try Folder()
    let nodes = [
      Self.node("GlobalAveragePool", ["x"], "g"), Self.node("Flatten", ["g"], "y"),
    ]
    try folder.write(
      try Self.file(input: [nil, 3, nil, nil], nodes, outputs: ["y"]), to: "open.onnx")
    try folder.write(
      try NPYContents.npz(["x": NPYContents(Self.pictures), "y": NPYContents([0, 1, 2, 0])]),
      to: "data.npz")
    let own = try logits("open.onnx --data npz:data.npz", in: folder)
    for (own, wanted) in zip(own.scalars, Self.means()) { #expect(abs(own - wanted) < 1e-6) }
    try run("attack open.onnx --data npz:data.npz --threat linf:0.1", in: folder)
    let info = try run("info open.onnx --json info.json", in: folder)
    #expect(info.output.contains("x, float, nx3xnxn"))
    let json = try JSONValue(parsing: #require(folder.text("info.json")))
    #expect(json["inputs"]?.arrayValue?.first?["name"]?.stringValue == "x")
    #expect(
      try run("info open.onnx --input-shape 3,5,6", in: folder).output.contains("input    3x5x6"))
    #expect(
      try refusal("convert open.onnx fixed.onnx", in: folder).contains("--input-shape 3,224,224"))
    try run("convert open.onnx fixed.onnx --input-shape 3x8x8", in: folder)
    #expect(try logits("fixed.onnx --data npz:data.npz", in: folder) == own)
    #expect(
      try refusal("info open.onnx --input-shape 3,a", in: folder).contains(
        "expected the extents of one example"))
    for (file, shape, taken) in [("fixed.onnx", "3,9,9", "3x8x8"), ("open.onnx", "4,8,8", "3x8x8")]
    {
      #expect(
        try refusal("info \(file) --input-shape \(shape)", in: folder).contains(
          "--input-shape is '\(shape)', but \(file) takes \(taken)"))
    }
  }

  /// The same layers for examples of other shapes, with the same parameters.
  private func network(_ shape: Shape) throws -> Network {
    try Network("linear", input: InputDescription(shape: shape), seed: 3) {
      Flatten()
      Linear(10)
    }
  }

  @Test("a network of 28 x 28 takes MNIST in every command")
  func pictures() throws {
    let folder = try Folder()
    try network([28, 28]).writeONNX(to: folder / "two.onnx")
    try network([1, 28, 28]).writeONNX(to: folder / "three.onnx")
    for gradient in ["", " --gradient"] {
      #expect(
        try logits("two.onnx --count 20\(gradient)", in: folder)
          == logits("three.onnx --count 20\(gradient)", in: folder))
    }
    let attack = "--count 20 --threat linf:0.1 --save out.npz --report page.html"
    try run("attack two.onnx \(attack)", in: folder)
    #expect(folder.text("page.html")?.contains("data:image/png") == true)
    let file = try NPZ(path: folder / "out.npz")
    #expect(try file.array("witness").tensor().shape.extents.dropFirst() == [28, 28])
    try run(
      "evaluate two.onnx --count 10 --threat linf:0.1 --save out.npz --report page.html", in: folder
    )
    try run("info two.onnx --data mnist:test --count 50", in: folder)
    // Threats about places in pictures as well.
    let turned = try run("attack two.onnx --count 20 --threat rotation:20+shift:2", in: folder)
    let other = try run("attack three.onnx --count 20 --threat rotation:20+shift:2", in: folder)
    #expect(turned.output.contains("robust accuracy"))
    #expect(
      turned.output.split(separator: "\n")[2...4] == other.output.split(separator: "\n")[2...4])
    // Arrays of the network's shape, of rows, and of one channel last are the same values.
    let data = try MNIST.load(.test).subset(offset: 0, count: 20)
    let x = try data.inputs(at: 0..<20)
    let wanted = try logits("two.onnx --count 20", in: folder)
    for shape in [[20, 28, 28], [20, 1, 28, 28], [20, 28, 28, 1], [20, 784]] as [Shape] {
      try folder.write(
        try NPYContents.npz(["x": NPYContents(x.reshaped(to: shape))]), to: "x.npz")
      #expect(try logits("two.onnx --data npz:x.npz", in: folder) == wanted, "\(shape)")
    }
  }

  @Test("series have axes and a range of their own, and are no pictures")
  func series() throws {
    let folder = try Folder()
    let values = (0..<108).map { place -> Float in Float((place * 13) % 41) / 10 - 2 }
    try folder.write(
      try NPYContents.npz([
        "x": NPYContents(Tensor(values, shape: [6, 2, 9])), "y": NPYContents([0, 1, 2, 3, 4, 5]),
      ]), to: "series.npz")
    try folder.write(
      try NPYContents.npz([
        "x": NPYContents(Tensor(values, shape: [6, 9, 2])), "y": NPYContents([0, 1, 2, 3, 4, 5]),
      ]), to: "turned.npz")
    try network([2, 9]).writeONNX(to: folder / "series.onnx")
    try network([18]).writeONNX(to: folder / "row.onnx")
    let own = try logits("series.onnx --data npz:series.npz", in: folder)
    try folder.write(
      try NPYContents.npz(["x": NPYContents(Tensor(values, shape: [6, 18]))]), to: "row.npz")
    #expect(try logits("row.onnx --data npz:row.npz", in: folder) == own)
    try run(
      "attack series.onnx --data npz:series.npz --threat linf:0.5 --report page.html --save s.npz",
      in: folder)
    #expect(folder.text("page.html")?.contains("data:image/png") == false)
    let message = try refusal(
      "attack series.onnx --data npz:turned.npz --threat linf:0.5", in: folder)
    #expect(
      message.hasSuffix("exchange the axes of the array first: x.transpose(0, 2, 1) in NumPy"))
    // A network that cannot be seen to take series gets its pictures, and that is said.
    let shifted = try Command.run(
      line: "attack series.onnx --data npz:series.npz --data-range -3:3 --threat shift:1",
      in: folder)
    #expect(
      shifted.status == 0
        && shifted.errors.contains("examples of 2x9 are taken as pictures of one channel, 2 high"),
      "\(shifted.errors)")
    let weight = Onnx_NodeProto.with {
      ($0.opType, $0.output) = ("Constant", ["w"])
      $0.attribute = [
        .with {
          ($0.name, $0.type) = ("value", .tensor)
          $0.t.dims = [6, 2, 3]
          $0.t.dataType = 1
          $0.t.floatData = (0..<36).map { Float($0 % 7) - 3 }
        }
      ]
    }
    try folder.write(
      try Self.file(
        input: [nil, 2, 9],
        [
          weight, Self.node("Conv", ["x", "w"], "c"), Self.node("GlobalAveragePool", ["c"], "g"),
          Self.node("Flatten", ["g"], "y"),
        ], outputs: ["y"]), to: "conv.onnx")
    try run("attack conv.onnx --data npz:series.npz --threat linf:0.5", in: folder)
    #expect(
      try refusal("attack conv.onnx --data npz:series.npz --threat shift:1", in: folder).contains(
        "conv.onnx takes series of 2x9, but this threat or attack needs pictures"))
  }
}
