import Datasets
import Foundation
import Graphs
import Images
import JSON
import Networks
import Studies
import Tensors
import Testing

/// `gibbon attack --confidence`: on data, on photographs, and after a PNG was saved and read back.
@Suite struct ConfidenceTests {
  /// The softmax of rows of scores, by definition.
  private func probabilities(_ scores: Tensor<Float>) -> [[Double]] {
    (0..<scores.shape[0]).map { row in
      let powers = scores.row(row).scalars.map { Double.exp(Double($0)) }
      return powers.map { $0 / powers.reduce(0, +) }
    }
  }

  @Test(arguments: ["", "--eight-bit", "--target 3", "--attack square --queries 300"])
  func whatCountsIsThatSure(words: String) throws {
    let folder = try Folder()
    let result = try Command.run(
      line: "attack mnist-standard --threat linf:0.2 --count 30 --confidence 0.99 --json a.json"
        + " --save a.npz --report a.html \(words)", in: folder)
    #expect(result.status == 0, "\(result.errors)")
    let json = try JSONValue(parsing: #require(folder.text("a.json")))
    #expect(json["confidence"]?.doubleValue == 0.99)
    let file = try NPZ(path: folder / "a.npz")
    let changed = try file.array("witness").tensor()
    // The same inputs as data of their own.
    let again = try Command.run(
      line: "predict mnist-standard --data npz:b.npz --output scores.npz",
      in: try data(changed, in: folder))
    #expect(again.status == 0, "\(again.errors)")
    let shares = probabilities(try NPZ(path: folder / "scores.npz").array("logits").tensor())
    let broken = try #require(json["examples"]?.arrayValue).filter { $0["witness"] != .null }
    #expect(broken.count == shares.count && broken.count > 3)
    for (example, share) in zip(broken, shares) {
      let seen = try #require(example["witness_prediction"]?.intValue)
      #expect(share[seen] > 0.99 - 1e-6 && seen != example["label"]?.intValue)
      #expect(abs((example["confidence"]?.doubleValue ?? 0) - share[seen]) < 1e-4)
      if words.contains("target") { #expect(seen == 3) }
    }
    #expect(result.output.contains("99 %") && result.output.contains("less surely"))
    #expect(try #require(folder.text("a.html")).contains("more than 99\u{202f}%"))
  }

  /// Writes inputs as a data set.
  private func data(_ inputs: Tensor<Float>, in folder: Folder) throws -> Folder {
    var file = SafeTensorsFile(name: "b")
    file.tensors["x"] = inputs
    file.integers["y"] = SafeTensorsIntegers(
      Array(repeating: 0, count: inputs.shape[0]), shape: [inputs.shape[0]])
    try folder.write(try file.encoded(as: "b.npz"), to: "b.npz")
    return folder
  }

  @Test func anAttackGoesOnUntilTheNetworkIsSure() throws {
    let folder = try Folder()
    var spent: [Int] = []
    var margins: [[Double?]] = []
    for words in ["", "--confidence 0.999"] {
      let result = try Command.run(
        line: "attack mnist-standard --threat linf:0.2 --count 20 --steps 100 --step-size 0.005"
          + " --json a.json \(words)", in: folder)
      #expect(result.status == 0, "\(result.errors)")
      let json = try JSONValue(parsing: #require(folder.text("a.json")))
      spent.append(json["forward_evaluations"]?.intValue ?? 0)
      margins.append(
        try #require(json["examples"]?.arrayValue).map { $0["margin"]?.doubleValue })
    }
    #expect(spent[1] > spent[0])
    #expect(margins[1].contains { $0 != nil })
  }

  // The radius is one step of an 8-bit picture for the first, which is too little to be sure.
  @Test(arguments: ["linf:1/255", "linf:0.03", "linf:0.2"], [0, 8])
  func aPhotographIsReadBackAsSurely(threat: String, position: Int) throws {
    let folder = try Folder()
    let data = try MNIST.load(.test)
    let image = Bitmap(width: 28, height: 28, planes: try data.image(at: position).scalars)
    try folder.write(image.png(), to: "digit.png")
    let result = try Command.run(
      line: "attack mnist-standard digit.png --threat \(threat) --eight-bit --confidence 0.99"
        + " --json a.json --save b.png --report a.html", in: folder)
    #expect(result.status == 0, "\(result.errors)")
    let json = try JSONValue(parsing: #require(folder.text("a.json")))
    guard let after = json["after"]?.arrayValue?.first else {
      #expect(json["falls_short"] == false && !folder.names.contains("b.png"))
      return
    }
    let again = try Command.run(line: "classify mnist-standard b.png --json b.json", in: folder)
    #expect(again.status == 0)
    let text = try #require(folder.text("b.json"))
    let seen = try #require(
      try JSONValue(parsing: text)["photos"]?.arrayValue?.first?["classes"]?.arrayValue?.first)
    let share = try #require(seen["probability"]?.doubleValue)
    #expect(seen["label"] == after["label"])
    #expect(abs(share - (after["probability"]?.doubleValue ?? 0)) < 1e-6)
    #expect(json["falls_short"] == .bool(share <= 0.99))
    #expect(result.output.contains(share > 0.99 ? "was asked for" : "falls short"))
    #expect(result.errors.contains("less sure than --confidence asks") == (share <= 0.99))
  }

  @Test(arguments: [
    ("--confidence 0.3", "--confidence is 0.3; expected a probability, at least 0.5 and below 1"),
    ("--confidence 1", "--confidence is 1; expected a probability, at least 0.5 and below 1"),
    ("--confidence nan", "--confidence is nan; expected a probability, at least 0.5 and below 1"),
    (
      "--attack cw --confidence 5",
      "--confidence is 5; expected a probability, at least 0.5 and below 1 (the margin of cw is --goal-margin)"
    ),
    (
      "--attack hop-skip-jump --confidence 0.9",
      "the attack 'hop-skip-jump' sees labels alone, which do not tell how sure the model is; expected another one with"
        + " --confidence, such as square or pgd"
    ),
    (
      "--goal leave:1 --confidence 0.9",
      "--goal leave:1 makes the model see no class; expected miss or class:K with --confidence"
    ),
    (
      "--objective dlr --confidence 0.9",
      "--objective is dlr: the objective 'dlr' does not tell how sure the model is; use 'cross-entropy' or 'margin'"
    ),
    ("--gallery photos", "--gallery applies only to a photograph; there is none"),
  ])
  func saysWhatIsWrong(words: String, message: String) throws {
    let folder = try Folder()
    let norm = words.contains("cw") || words.contains("hop") ? "l2:1" : "linf:0.1"
    let result = try Command.run(
      line: "attack mnist-standard --threat \(norm) --count 3 --json a.json \(words)", in: folder)
    #expect(result.status == 2)
    #expect(result.message == "gibbon: \(message)")
    #expect(folder.names.isEmpty)
  }

  @Test func probabilitiesAreReadAsSuchAndSigmoidsRefused() throws {
    let folder = try Folder()
    let shape = InputDescription(shape: [1, 28, 28])
    for (name, last) in [("softmax", true), ("sigmoid", false)] {
      let network = try Network(name, input: shape, seed: 5) {
        Flatten()
        Linear(10)
        Ending(isSoftmax: last)
      }
      try network.writeONNX(to: folder / "\(name).onnx")
    }
    let refused = try Command.run(
      line: "attack sigmoid.onnx --threat linf:1 --count 3 --confidence 0.9", in: folder)
    #expect(refused.status == 2)
    #expect(
      refused.message.hasSuffix(
        "sigmoid.onnx: each output is a probability by itself (a sigmoid); --confidence needs logits or a softmax"
      ))
    let result = try Command.run(
      line:
        "attack softmax.onnx --threat linf:1 --count 5 --goal class:3 --steps 100 --confidence 0.6"
        + " --json a.json --save a.npz", in: folder)
    #expect(result.status == 0, "\(result.errors)")
    let changed = try NPZ(path: folder / "a.npz").array("witness").tensor()
    let again = try Command.run(
      line: "predict softmax.onnx --data npz:b.npz --output scores.npz",
      in: try data(changed, in: folder))
    #expect(again.status == 0, "\(again.errors)")
    let scores = try NPZ(path: folder / "scores.npz").array("logits").tensor()
    #expect(scores.shape[0] > 0)
    for row in 0..<scores.shape[0] { #expect(scores.row(row)[3] > 0.6 - 1e-6) }
  }
}

/// Makes probabilities of scores.
private struct Ending: Layer {
  let isSoftmax: Bool

  func apply(
    to x: Value, named name: String, in context: inout LayerContext
  ) throws(GraphError) -> Value {
    isSoftmax
      ? try context.graph.apply(Softmax(axis: 1), x)
      : try context.graph.apply(Elementwise(.sigmoid), x)
  }
}
