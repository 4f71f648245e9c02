import Datasets
import Networks
import Tensors
import Testing

/// What data have to be told of themselves where `info` tries a network on them, as in every other command.
@Suite struct TrialTests {
  private func info(_ line: String, in folder: Folder) throws -> String {
    let result = try Command.run(line: "info \(line)", in: folder)
    try #require(result.status == 0, "\(line): \(result.errors)")
    return result.output
  }

  private func refusal(_ line: String, in folder: Folder) throws -> String {
    let result = try Command.run(line: line, in: folder)
    #expect(result.status == 2 && result.output.isEmpty, "\(line): \(result.output)")
    return result.message
  }

  @Test("the order of axes and the range of numbers")
  func pictures() throws {
    let folder = try Folder()
    let data = try MNIST.load(.test).subset(offset: 0, count: 50)
    let x = try data.inputs(at: 0..<50).map { $0 * 255 }.reshaped(to: [50, 28, 28, 1])
    try folder.write(
      try NPYContents.npz(["x": NPYContents(x), "y": NPYContents(data.labels)]), to: "last.npz")
    let line = "mnist-standard --data npz:last.npz"
    let output = try info("\(line) --data-layout nhwc --data-range 0:255", in: folder)
    #expect(output.contains("of 50 examples are classified correctly"))
    #expect(output.contains("nothing looks wrong"))
    // Of one channel the order of axes does not matter; of three it does.
    #expect(
      try info("\(line) --data-range 0:255", in: folder).contains("nothing looks wrong"))
    let colours = Tensor<Float>.zeros([50, 28, 28, 3])
    try folder.write(
      try NPYContents.npz(["x": NPYContents(colours), "y": NPYContents(data.labels)]),
      to: "colours.npz")
    #expect(
      try refusal("info mnist-standard --data npz:colours.npz", in: folder)
        .contains("--data-layout nhwc"))
    #expect(try refusal("info \(line) --data-layout nhwc", in: folder).contains("last.npz"))
  }

  @Test("what targets are, which needs some")
  func targets() throws {
    let folder = try Folder()
    let network = try Network("linear", input: InputDescription(shape: [2]), seed: 0) { Linear(3) }
    try network.writeONNX(to: folder / "linear.onnx")
    let x = NPYContents(Tensor<Float>([1, 0, 0, 1, 0, 0, 0.5, 0.25], shape: [4, 2]))
    let y = NPYContents(integers: [1, 0, 0, 0, 1, 0, 0, 0, 1, 1, 0, 0], shape: [4, 3])
    try folder.write(try NPYContents.npz(["x": x, "y": y]), to: "hot.npz")
    try folder.write(try NPYContents.npz(["x": x]), to: "bare.npz")
    let line = "linear.onnx --data npz:hot.npz"
    #expect(try refusal("info \(line)", in: folder).contains("--targets classes or"))
    #expect(
      try info("\(line) --targets classes", in: folder).contains(
        "of 4 examples are classified correctly"))
    #expect(
      try info("\(line) --targets multi-label", in: folder).contains(
        "all 4 examples, without targets that are classes"))
    #expect(
      try info("linear.onnx --data npz:bare.npz", in: folder).contains(
        "all 4 examples, without targets that are classes"))
    #expect(
      try refusal("info linear.onnx --data npz:bare.npz --targets numbers", in: folder).contains(
        "holds no array 'y'"))
    for option in ["--targets classes", "--data-range 0:255", "--data-layout nhwc"] {
      #expect(try refusal("info linear.onnx \(option)", in: folder).contains("need --data"))
    }
  }

  @Test("what is saved of data without labels has none")
  func saved() throws {
    let folder = try Folder()
    let data = try MNIST.load(.test).subset(offset: 0, count: 5)
    try folder.write(
      try NPYContents.npz(["x": NPYContents(data.inputs(at: 0..<5))]), to: "x.npz")
    let result = try Command.run(
      line: "attack mnist-standard --data npz:x.npz --threat linf:0.2 --goal decision"
        + " --save out.npz", in: folder)
    #expect(result.status == 0, "\(result.errors)")
    #expect(
      try NPZ(path: folder / "out.npz").names == [
        "index", "margin", "margin_float64", "metadata", "rounding_difference", "witness", "x",
      ])
  }
}
