import Crypto
import Datasets
import Foundation
import Graphs
import JSON
import Networks
import Tensors
import Testing

/// What `gibbon attack` writes, and that it says the same thing every time.
@Suite struct AttackOutputTests {
  private static let common = "--data mnist:test --attack pgd --steps 10 --seed 5"

  /// Runs an attack; the object that it writes.
  private func attack(
    _ words: String, in folder: Folder, threat: String = "linf:0.3"
  ) throws -> (json: JSONValue, output: String) {
    let network = try Trained.network.path
    let result = try Command.run(
      line: "attack \(network) --threat \(threat) \(Self.common) --json out.json \(words)",
      in: folder)
    try #require(result.status == 0, "\(result.errors)")
    #expect(result.errors.isEmpty)
    let json = try JSONValue(parsing: #require(folder.text("out.json")))
    return (json, result.output)
  }

  /// The hash of each index; `nil` where there is no adversarial example.
  private func hashes(_ json: JSONValue) throws -> [Int: String?] {
    var hashes: [Int: String?] = [:]
    for example in try #require(json["examples"]?.arrayValue) {
      hashes[try #require(example["index"]?.intValue)] = .some(example["witness"]?.stringValue)
    }
    return hashes
  }

  // The nearest changes say how near they are, within the radius and beyond it.
  @Test func theMedianOfNearestChanges() throws {
    let folder = try Folder()
    let result = try Command.run(
      line: "attack \(try Trained.network.path) --data mnist:test --count 21 --threat l2:0.5 "
        + "--attack ddn --steps 20 --json out.json", in: folder)
    try #require(result.status == 0, "\(result.errors)")
    let json = try JSONValue(parsing: #require(folder.text("out.json")))
    let examples = try #require(json["examples"]?.arrayValue)
    let sizes = examples.filter { $0["label"] == $0["prediction"] }
      .map { $0["nearest"]?.doubleValue ?? .infinity }.sorted()
    let middle = sizes.count / 2
    let median = sizes.count % 2 == 1 ? sizes[middle] : (sizes[middle - 1] + sizes[middle]) / 2
    #expect(json["median_distance"]?.doubleValue == median && median.isFinite)
    #expect(result.output.contains("median distance    "))
    for example in examples {
      let nearest = example["nearest"]?.doubleValue
      #expect(
        example["distance"]?.doubleValue == (nearest.map { $0 <= 0.5 } ?? false ? nearest : nil))
    }
  }

  // A threat that breaks nearly all, one that breaks some, and one in another norm.
  @Test(arguments: ["linf:0.3", "linf:8/255", "l2:1.5"])
  func theObjectIsConsistent(threat: String) throws {
    let folder = try Folder()
    let (json, output) = try attack("--count 200", in: folder, threat: threat)
    #expect(folder.names == ["out.json"])
    #expect(json["verb"]?.stringValue == "attack")
    #expect(json["model"]?.stringValue == (try Trained.network.path))
    #expect(json["data"]?.stringValue == "mnist:test")
    #expect(json["threat"]?.stringValue == threat)
    #expect(json["seed"]?.intValue == 5)
    #expect(json["count"]?.intValue == 200)
    #expect(try #require(json["seconds"]?.doubleValue) > 0)
    let forward = try #require(json["forward_evaluations"]?.intValue)
    let backward = try #require(json["backward_evaluations"]?.intValue)
    let clean = try #require(json["clean_accuracy"]?.doubleValue)
    let robust = try #require(json["robust_accuracy"]?.doubleValue)
    let examples = try #require(json["examples"]?.arrayValue)
    try #require(examples.count == 200)

    let labels = try MNIST.load(.test).labels
    let radii: [String: Double] = ["linf:0.3": 0.3, "linf:8/255": 8.0 / 255, "l2:1.5": 1.5]
    let radius = try #require(radii[threat])
    var (right, unbroken, broken) = (0, 0, 0)
    for (index, example) in examples.enumerated() {
      #expect(
        Set(["index", "label", "prediction", "robust", "attack", "distance", "witness"])
          .isSubset(of: Set(try #require(example.objectValue).keys)))
      #expect(example["index"]?.intValue == index)
      #expect(example["label"]?.intValue == labels[index])
      let prediction = try #require(example["prediction"]?.intValue)
      let isRobust = example["robust"] == .bool(true)
      #expect(isRobust || example["robust"] == .bool(false))
      let hash = example["witness"]?.stringValue
      #expect((example["attack"] == .null) == (hash == nil))
      #expect((example["distance"] == .null) == (hash == nil))
      if prediction == labels[index] { right += 1 }
      if isRobust { unbroken += 1 }
      // An example is misclassified as it is, or broken, or robust.
      #expect(isRobust == (prediction == labels[index] && hash == nil))
      guard let hash else { continue }
      broken += 1
      #expect(prediction == labels[index])
      #expect(hash.count == 64 && hash.allSatisfy(\.isHexDigit))
      #expect(example["attack"]?.stringValue == "pgd")
      let distance = try #require(example["distance"]?.doubleValue)
      #expect(distance > 0 && distance <= radius)
    }
    #expect(clean == Double(right) / 200)
    #expect(robust == Double(unbroken) / 200)
    #expect(broken > 0 && broken + unbroken == right)
    if threat == "linf:8/255" { #expect(unbroken > 0) }
    // One pass for each example; for each that is right at most 10 gradients and 2 verifications.
    #expect(backward >= right && backward <= 10 * right)
    #expect(forward >= 200 + right && forward <= 200 + 12 * right)
    #expect(output.contains("\(broken) of \(right) classified correctly"))
  }

  @Test func resultsDependOnTheSeedAlone() throws {
    let folder = try Folder()
    let first = try hashes(attack("--count 200", in: folder).json)
    #expect(first.values.contains { $0 != nil })
    for words in ["--count 200", "--count 200 --batch 7", "--count 200 --batch 32"] {
      #expect(try hashes(attack(words, in: folder).json) == first, "\(words)")
    }
    let part = try hashes(attack("--offset 50 --count 50", in: folder).json)
    #expect(part == first.filter { 50..<100 ~= $0.key })
    let seeded = try hashes(attack("--count 200 --seed 6", in: folder, threat: "linf:0.3").json)
    #expect(seeded != first)
  }

  @Test func savedAdversarialExamplesAreWhatTheyClaim() throws {
    let folder = try Folder()
    let (json, _) = try attack("--count 60 --save witnesses.safetensors", in: folder)
    #expect(folder.names == ["out.json", "witnesses.safetensors"])
    let file = try SafeTensorsFile(path: folder / "witnesses.safetensors")
    let indices = try #require(file.integers["index"]).values.map { Int($0) }
    let labels = try #require(file.integers["label"]).values.map { Int($0) }
    let expected = try hashes(json).compactMapValues { $0 }
    #expect(indices == expected.keys.sorted())
    #expect(file.metadata["threat"] == "linf:0.3" && file.metadata["seed"] == "5")

    let shape: Shape = [indices.count, 1, 28, 28]
    let originals = try file.tensor("x", shape: shape).scalars
    let adversarialExamples = try file.tensor("witness", shape: shape)
    let network = try NetworkFile(path: Trained.network.path).network
    let outputs = try Interpreter(network.graph)(
      [Network.inputName: adversarialExamples.converted() as Tensor<Double>],
      parameters: network.parameters.mapValues { $0.converted() })
    let logits = try #require(outputs[Network.outputName]).scalars
    let data = try MNIST.load(.test)
    var distances: [Int: Double] = [:]
    for example in try #require(json["examples"]?.arrayValue) {
      distances[try #require(example["index"]?.intValue)] = example["distance"]?.doubleValue
    }
    for (row, index) in indices.enumerated() {
      let range = row * 784..<(row + 1) * 784
      let (x, changed) = (originals[range], adversarialExamples.scalars[range])
      #expect(try Array(x) == data.image(at: index).scalars)
      #expect(labels[row] == data.label(at: index))
      #expect(changed.allSatisfy { 0...1 ~= $0 })
      let distance = zip(x, changed).reduce(0.0) { max($0, abs(Double($1.0) - Double($1.1))) }
      #expect(distance <= 0.3)
      #expect(distances[index] == distance)

      var bytes = Array("1x28x28\n".utf8)
      for value in changed {
        withUnsafeBytes(of: value.bitPattern.littleEndian) { bytes.append(contentsOf: $0) }
      }
      let hash = SHA256.hash(data: bytes).map { String(format: "%02x", $0) }.joined()
      #expect(hash == expected[index])

      let scores = logits[row * 10..<(row + 1) * 10]
      let best = scores.max() ?? 0
      #expect(scores[row * 10 + labels[row]] < best)
    }
  }

  @Test func aTargetIsReached() throws {
    let folder = try Folder()
    let (json, _) = try attack(
      "--count 60 --target 3 --save witnesses.safetensors", in: folder)
    #expect(json["target"]?.intValue == 3)
    let examples = try #require(json["examples"]?.arrayValue)
    let labels = try MNIST.load(.test).labels
    #expect(
      examples.map { $0["index"]?.intValue } == (0..<60).filter { labels[$0] != 3 })
    #expect(json["count"]?.intValue == examples.count)
    let file = try SafeTensorsFile(path: folder / "witnesses.safetensors")
    let adversarialExamples = try file.tensor("witness")
    let network = try NetworkFile(path: Trained.network.path).network
    let outputs = try Interpreter(network.graph)(
      [Network.inputName: adversarialExamples], parameters: network.parameters)
    let logits = try #require(outputs[Network.outputName])
    try #require(adversarialExamples.shape[0] > 10)
    for row in 0..<adversarialExamples.shape[0] {
      let scores = Array(logits.scalars[row * 10..<(row + 1) * 10])
      #expect(scores.firstIndex(of: scores.max() ?? 0) == 3)
    }
  }

  @Test func whatTrainWritesIsDescribed() throws {
    let trained = try Trained.network
    #expect(trained.result.output.isEmpty)
    #expect(trained.result.errorLines.count == 3)
    #expect(trained.result.errors.hasPrefix("epoch 1 of 2, loss "))
    #expect(trained.folder.names == ["net.safetensors", "train.json"])
    let json = try JSONValue(parsing: #require(trained.folder.text("train.json")))
    #expect(json["verb"]?.stringValue == "train" && json["seed"]?.intValue == 1)
    let epochs = try #require(json["epochs"]?.arrayValue)
    #expect(epochs.count == 2)
    #expect(try #require(epochs[1]["accuracy"]?.doubleValue) > 0.8)

    let folder = try Folder()
    let info = try Command.run("info", trained.path, "--json", "info.json", in: folder)
    #expect(info.status == 0 && info.errors.isEmpty)
    #expect(info.output.contains("mnist-mlp") && info.output.contains("199\u{202F}210 parameters"))
    let described = try JSONValue(parsing: #require(folder.text("info.json")))
    #expect(described["parameter_count"]?.intValue == 199_210)
    let history = try #require(described["history"])
    #expect(history["recipe"] == json["recipe"])
    #expect(
      history["command"]?.stringValue?.hasPrefix("gibbon train mnist-mlp --count 1000") == true)
    #expect(history["metrics"]?.stringValue?.split(separator: "\n").count == 2)
  }
}
