import Datasets
import Foundation
import JSON
import Networks
import Tensors
import Testing

/// Networks with several labels per example, and regressions, with the targets that data give them.
@Suite struct TargetTests {
  /// The outputs of four examples (1, 0), (0, 1), (0, 0), (0.5, 0.25) under the weight, with no bias.
  private static let weight: [Float] = [2, -2, -2, 2, 1, 1]
  private static let inputs: [Float] = [1, 0, 0, 1, 0, 0, 0.5, 0.25]

  /// A folder with linear networks of one output and of three, and the examples with targets of all kinds.
  private func folder() throws -> Folder {
    let folder = try Folder()
    for outputs in [1, 3] {
      var network = try Network("linear", input: InputDescription(shape: [2]), seed: 0) {
        Linear(outputs)
      }
      let weight = Array(TargetTests.weight.suffix(2 * outputs))
      try network.load([
        "0.weight": Tensor(weight, shape: [outputs, 2]), "0.bias": .zeros([outputs]),
      ])
      try network.writeONNX(to: folder / "linear\(outputs).onnx")
    }
    let x = NPYContents(Tensor(TargetTests.inputs, shape: [4, 2]))
    for (name, y) in [
      // The third example is at zero, which is no; the last label of the second is told wrongly.
      ("multi", NPYContents(integers: [1, 0, 1, 0, 1, 0, 0, 0, 0, 1, 0, 1], shape: [4, 3])),
      ("hot", NPYContents(integers: [1, 0, 0, 0, 1, 0, 0, 0, 1, 1, 0, 0], shape: [4, 3])),
      // What the single output, the sum, should be: right within 0.1 but for the last.
      ("real", NPYContents(Tensor<Float>([1, 1.05, 0, 3], shape: [4]))),
      ("classes", NPYContents([0, 1, 2, 0])),
      ("counts", NPYContents([1, 1, 0, 3])),
    ] { try folder.write(try NPYContents.npz(["x": x, "y": y]), to: "\(name).npz") }
    return folder
  }

  private func run(_ line: String, in folder: Folder) throws -> JSONValue {
    let result = try Command.run(line: "\(line) --json out.json", in: folder)
    try #require(result.status == 0, "\(line): \(result.errors)")
    return try JSONValue(parsing: #require(folder.text("out.json")))
  }

  private func refusal(_ line: String, in folder: Folder) throws -> String {
    let result = try Command.run(line: line, in: folder)
    #expect(result.status == 2 && result.output.isEmpty, "\(line): \(result.output)")
    return result.message
  }

  @Test("several labels are attacked without further options, all of them or none right")
  func multiLabel() throws {
    let folder = try folder()
    let line = "attack linear3.onnx --data npz:multi.npz --attack pgd --steps 20"
    let weak = try run("\(line) --threat linf:0.01 --save out.npz --report out.html", in: folder)
    #expect(weak["clean_accuracy"]?.doubleValue == 0.75)
    // The outputs of the third example are at zero, so that any change breaks them.
    #expect(weak["robust_accuracy"]?.doubleValue == 0.5)
    let examples = try #require(weak["examples"]?.arrayValue)
    #expect(examples[0]["label"]?.arrayValue == [1, 0, 1])
    #expect(examples[0]["robust"] == true && examples[1]["robust"] == false)
    #expect(try NPZ(path: folder / "out.npz").array("label").tensor().scalars == [0, 0, 0])
    #expect(folder.text("out.html")?.contains("every label is told rightly") == true)
    // A change of eps moves the first two outputs by 4 eps: the fourth example has 0.5 there.
    #expect(
      try run("\(line) --threat linf:0.13", in: folder)["robust_accuracy"]?.doubleValue == 0.25)
    let options = try refusal("\(line) --threat linf:0.1 --target 1", in: folder)
    #expect(options.contains("each example has several labels") && options.contains("class:1"))
    #expect(
      try refusal("attack linear1.onnx --data npz:multi.npz --threat linf:0.1", in: folder)
        .contains(
          "each example has 3 labels as its target, but linear1.onnx has 1 outputs"))
    let hot = "--data npz:hot.npz --threat linf:0.01"
    #expect(try refusal("attack linear3.onnx \(hot)", in: folder).contains("--targets classes or"))
    let classes = try run("attack linear3.onnx \(hot) --targets classes", in: folder)
    #expect(try #require(classes["examples"]?.arrayValue)[1]["label"]?.intValue == 1)
  }

  @Test("a regression is attacked at a distance from its targets")
  func regression() throws {
    let folder = try folder()
    let line = "attack linear1.onnx --data npz:real.npz --steps 20"
    #expect(
      try refusal("\(line) --threat linf:0.1", in: folder).contains("--goal miss:DISTANCE"))
    // The output is the sum, which a change of eps moves by 2 eps, down alone where the values are at 1.
    let near = try run("\(line) --threat linf:0.01 --goal miss:0.1", in: folder)
    #expect(near["clean_accuracy"]?.doubleValue == 0.75)
    #expect(near["robust_accuracy"]?.doubleValue == 0.75)
    #expect(
      try #require(near["examples"]?.arrayValue)[3]["label"]?.arrayValue?.first?.doubleValue == 3)
    let far = try run("\(line) --threat linf:0.2 --goal miss:0.1", in: folder)
    #expect(far["robust_accuracy"]?.doubleValue == 0)
    let counts = try run(
      "attack linear1.onnx --data npz:counts.npz --threat linf:0.01 --goal miss:0.1", in: folder)
    #expect(counts["clean_accuracy"]?.doubleValue == 0.75)
    try folder.write("a,b,t\n1,0,1\n0,1,1.05\n0,0,0\n0.5,0.25,3\n".utf8, to: "real.csv")
    let table = try run(
      "attack linear1.onnx --data csv:real.csv --target-column t --threat linf:0.01 --goal miss:0.1",
      in: folder)
    #expect(table["clean_accuracy"]?.doubleValue == 0.75)
    for (words, expected) in [
      ("--goal miss:0.1@1", "--goal names output 1"), ("--goal miss:0", "--goal is 'miss:0'"),
      ("--goal miss:0.1 --targets multi-label", "expected 0 or 1"),
      ("--goal miss:0.1 --targets all", "expected classes, multi-label or numbers"),
    ] {
      #expect(try refusal("\(line) --threat linf:0.1 \(words)", in: folder).contains(expected))
    }
  }

  @Test("a loss that is not defined for the goal is one error before anything is run")
  func undefinedLosses() throws {
    let folder = try folder()
    for words in [
      "linear3.onnx --data npz:multi.npz", "linear1.onnx --data npz:real.npz --goal miss:0.1",
      "linear3.onnx --data npz:classes.npz --goal decision",
      "linear3.onnx --data npz:classes.npz --goal leave:0.5",
    ] {
      let line = "attack \(words) --threat linf:0.1 --json out.json"
      for loss in ["cross-entropy", "dlr"] {
        for attack in ["pgd", "fgsm"] {
          let message = try refusal("\(line) --attack \(attack) --objective \(loss)", in: folder)
          #expect(
            message.contains("--objective is \(loss)") && message.contains("use 'margin'"),
            "\(words): \(message)")
        }
      }
      #expect(!folder.names.contains("out.json"))
      #expect(
        try Command.run(
          line: "attack \(words) --threat linf:0.1 --objective margin", in: folder
        ).status == 0)
    }
    let few = "attack linear3.onnx --data npz:classes.npz --threat linf:0.1 --objective dlr"
    #expect(try refusal("\(few) --target 1", in: folder).contains("needs at least 4 outputs"))
    #expect(try Command.run(line: few, in: folder).status == 0)
  }

  @Test("outputs in 0...1 are suspicious as decisions, and not as numbers")
  func probabilities() throws {
    let folder = try Folder()
    var network = try Network("halves", input: InputDescription(shape: [2]), seed: 0) { Linear(2) }
    try network.load([
      "0.weight": Tensor([0.5, 0.5, 0.25, 0.75], shape: [2, 2]), "0.bias": .zeros([2]),
    ])
    try network.writeONNX(to: folder / "halves.onnx")
    let x = NPYContents(Tensor((0..<60).map { Float($0 % 7) / 7 }, shape: [30, 2]))
    let labels = NPYContents(integers: (0..<60).map { $0 % 3 == 0 ? 1 : 0 }, shape: [30, 2])
    let numbers = NPYContents(Tensor((0..<60).map { Float($0) / 60 }, shape: [30, 2]))
    try folder.write(try NPYContents.npz(["x": x, "y": labels]), to: "labels.npz")
    try folder.write(try NPYContents.npz(["x": x, "y": numbers]), to: "numbers.npz")
    let decisions = try Command.run(line: "info halves.onnx --data npz:labels.npz", in: folder)
    #expect(decisions.output.contains("take the network before its sigmoid"), "\(decisions.errors)")
    let regression = try Command.run(line: "info halves.onnx --data npz:numbers.npz", in: folder)
    #expect(regression.output.contains("nothing looks wrong"), "\(regression.output)")
  }

  @Test("what needs classes says so, and what does not works")
  func otherVerbs() throws {
    let folder = try folder()
    for name in ["real", "multi"] {
      let data = "--data npz:\(name).npz"
      let train = try refusal("train mnist-mlp --output net.safetensors \(data)", in: folder)
      #expect(train.contains("each example has") && train.contains("needs one class for each"))
    }
    #expect(!folder.names.contains("net.safetensors"))
    let many = try run(
      "predict linear3.onnx --data npz:multi.npz --output many.npz", in: folder)
    #expect(many["clean_accuracy"]?.doubleValue == 0.75)
    let labels = try NPZ(path: folder / "multi.npz").array("y").tensor()
    #expect(try NPZ(path: folder / "many.npz").array("y").tensor() == labels)
    let one = try run("predict linear1.onnx --data npz:real.npz --output one.npz", in: folder)
    #expect(one["clean_accuracy"]?.doubleValue == nil)
    #expect(
      try NPZ(path: folder / "one.npz").array("y").tensor().scalars == [1, 1.05, 0, 3])
    #expect(
      try refusal(
        "predict linear1.onnx --data npz:real.npz --output one.npz --gradient", in: folder
      ).contains("leave out --gradient"))
    let info = try Command.run(line: "info linear3.onnx --data npz:multi.npz", in: folder)
    #expect(info.status == 0 && info.output.contains("nothing looks wrong"), "\(info.errors)")
  }
}
