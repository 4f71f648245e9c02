import Crypto
import Datasets
import Foundation
import JSON
import Networks
import Tensors
import Testing

/// What results say of where they come from, and of what changed inputs are taken for.
@Suite struct ProvenanceTests {
  private func sha256(_ bytes: some DataProtocol) -> String {
    SHA256.hash(data: bytes).map { String(format: "%02x", $0) }.joined()
  }

  private func digest(of data: Dataset) throws -> String {
    var hasher = SHA256()
    for example in try data.examples {
      hasher.update(data: Data("\(example.input.shape)\n".utf8))
      for value in example.input.scalars {
        withUnsafeBytes(of: value.bitPattern.littleEndian) { hasher.update(bufferPointer: $0) }
      }
      hasher.update(data: Data("\(example.label)\n".utf8))
    }
    return hasher.finalize().map { String(format: "%02x", $0) }.joined()
  }

  @Test func anAttackSaysAllOfItself() throws {
    let folder = try Folder()
    let network = try Trained.network.path
    let words = [
      "attack", network, "--count", "30", "--threat", "linf:16/255", "--steps", "10", "--json",
      "out.json", "--save", "out.safetensors",
    ]
    let result = try Command(words, in: folder.path).result()
    try #require(result.status == 0, "\(result.errors)")
    let json = try JSONValue(parsing: #require(folder.text("out.json")))
    #expect(
      json["model_digest"]?.stringValue
        == sha256(try Data(contentsOf: URL(filePath: network))))
    let data = try MNIST.load(.test).subset(offset: 0, count: 30)
    #expect(json["data_digest"]?.stringValue == (try digest(of: data)))
    #expect(json["parameters_digest"]?.stringValue?.count == 64)
    #expect(json["command"]?.stringValue == (["gibbon"] + words).joined(separator: " "))
    #expect(json["attack_name"]?.stringValue == "pgd")
    let options = try #require(json["attack_options"])
    #expect(options["steps"]?.intValue == 10 && options["restarts"]?.intValue == 1)
    #expect(options["random-start"] == .bool(true))
    #expect(options["objective"]?.stringValue == "cross-entropy")
    #expect(options["step-size"]?.doubleValue == 2.5 * (16.0 / 255) / 10)
    #expect(result.output.contains("step-size 0.0156863"))
    let part = try #require(json["threat_parts"]?.arrayValue?.first?.arrayValue?.first)
    #expect(part["name"]?.stringValue == "linf" && part["text"]?.stringValue == "linf:16/255")
    #expect(part["amount"]?.doubleValue == 16.0 / 255)

    let file = try SafeTensorsFile(path: folder / "out.safetensors")
    for key in ["command", "model_digest", "parameters_digest", "data_digest", "attack_name"] {
      #expect(file.metadata[key] == json[key]?.stringValue, "\(key)")
    }
    #expect(
      try JSONValue(parsing: #require(file.metadata["attack_options"])) == options)
    let examples = try #require(json["examples"]?.arrayValue)
    let broken = examples.filter { $0["witness"] != .null }
    try #require(!broken.isEmpty)
    #expect(
      file.integers["witness_prediction"]?.values.map(Int.init)
        == broken.map { $0["witness_prediction"]?.intValue })
    #expect(
      file.integers["prediction"]?.values.map(Int.init)
        == broken.map { $0["prediction"]?.intValue })
    for example in broken {
      #expect(example["witness_prediction"]?.intValue != example["prediction"]?.intValue)
    }
    for example in examples where example["witness"] == .null {
      #expect(example["witness_prediction"] == .null)
    }
  }

  @Test func anEvaluationToo() throws {
    let folder = try Folder()
    let result = try Command.run(
      line: "evaluate mnist-standard --count 12 --threat linf:26/255 --attacks apgd-ce,square "
        + "--no-checks --curve 0:26/255:13/255 --json out.json --save out.npz --report out.html",
      in: folder)
    try #require(result.status == 0, "\(result.errors)")
    let json = try JSONValue(parsing: #require(folder.text("out.json")))
    #expect(json["model_digest"] == .null && json["parameters_digest"]?.stringValue?.count == 64)
    let attacks = try #require(json["attacks"]?.arrayValue)
    #expect(attacks.map { $0["attack_name"]?.stringValue } == ["apgd", "square"])
    #expect(attacks[0]["attack_options"]?["steps"]?.intValue == 100)
    #expect(attacks[1]["attack_options"]?["queries"]?.intValue == 5000)
    let curve = try #require(json["curve"]?.arrayValue)
    #expect(curve.map { $0["radius_text"]?.stringValue } == ["0", "13/255", "26/255"])
    #expect(curve.map { $0["radius"]?.doubleValue } == [0, 13.0 / 255, 26.0 / 255])
    // What holds within the radius of the evaluation is what holds on the curve there.
    #expect(curve.last?["robust_accuracy"] == json["robust_accuracy"])
    let page = try #require(folder.text("out.html"))
    #expect(page.contains("every value by at most 26/255") && page.contains("13/255"))
    #expect(!page.contains("0.1019607843"))
    #expect(result.output.contains("13/255"))
    let archive = try NPZ(path: folder / "out.npz")
    #expect(
      Set(archive.names)
        == [
          "x", "witness", "index", "label", "prediction", "witness_prediction", "metadata",
          "margin",
          "margin_float64", "rounding_difference",
        ])
    let text = try archive.array("metadata").tensor().scalars.map { UInt8($0) }
    let metadata = try JSONValue(parsing: text)
    #expect(metadata["command"] == json["command"])
    #expect(metadata["data_digest"] == json["data_digest"])
  }

  @Test func parametersOfAChoiceAreSaved() throws {
    let folder = try Folder()
    let result = try Command.run(
      line:
        "attack mnist-standard --count 25 --threat rotation:25|linf:0.15|shift:6 --attack random "
        + "--samples 30 --save out.safetensors --json out.json", in: folder)
    try #require(result.status == 0, "\(result.errors)")
    let file = try SafeTensorsFile(path: folder / "out.safetensors")
    let json = try JSONValue(parsing: #require(folder.text("out.json")))
    let names = ["rotation:25", "linf:0.15", "shift:6"]
    let broken = try #require(json["examples"]?.arrayValue).filter { $0["witness"] != .null }
    let chosen = try #require(file.integers["alternative"]).values.map { Int($0) }
    #expect(chosen.map { names[$0] } == broken.map { $0["alternative"]?.stringValue })
    for (choice, width) in [(0, 1), (2, 2)] {
      let count = chosen.count { $0 == choice }
      try #require(count > 0)
      #expect(try file.tensor("parameters.\(choice)").shape == [count, width])
    }
    #expect(file.tensors["parameters.1"] == nil && file.tensors["parameters"] == nil)
  }

  @Test func onnxKeepsItsNames() throws {
    let folder = try Folder()
    let network = try Architecture.named("mnist-mlp").network(seed: 3)
    var named = network
    named.interface = Network.Interface(input: "pixels:0", output: "scores")
    try named.writeONNX(to: folder / "in.onnx")
    for line in ["convert in.onnx out.onnx"] {
      #expect(try Command.run(line: line, in: folder).status == 0)
    }
    let again = try ONNXFile(path: folder / "out.onnx").network
    #expect(again.interface == named.interface)
    #expect(try ONNXFile(bytes: network.encodedForONNX(), name: "own").network.interface == .init())
  }
}
