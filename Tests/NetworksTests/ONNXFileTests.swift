import Foundation
import Graphs
import Networks
import ONNXMessages
import SwiftProtobuf
import Tensors
import Testing

@Suite struct ONNXFileTests {
  @Test func aClassifierIsWrittenAsOurOwnAre() throws {
    let network = try ONNXModels.file(ONNXModels.classifier()).network
    #expect(network.input.shape == [2, 4, 4])
    #expect(network.outputCount == 4)
    // The normalisation is no parameter, the statistics of the batch normalisation are known as such.
    #expect(network.parameters["mean"] == nil)
    #expect(network.statisticNames == ["m", "v"])
    #expect(network.trainedNames.contains("conv.weight"))
    // What the engine's passes look for.
    let names = network.graph.nodes.compactMap { node in
      if case .operation(let op, _, _) = node { op.name } else { nil }
    }
    #expect(names.contains("convolution") && names.contains("batch normalisation"))
    #expect(names.count { $0 == "transpose" } == 1)
  }

  @Test(arguments: [nil, 1] as [Int64?])
  func examplesDoNotMix(batch: Int64?) throws {
    // Attention as exporters write it: the batch merged with the heads, tokens first.
    let model = ONNXModels.model(
      input: [batch, 6, 4],
      [
        ONNXModels.node("Transpose", ["in"], ["t"], [ONNXModels.integers("perm", [1, 0, 2])]),
        ONNXModels.node("MatMul", ["t", "w"], ["q"]),
        ONNXModels.node("Reshape", ["q", "heads"], ["qh"]),
        ONNXModels.node("Transpose", ["qh"], ["qt"], [ONNXModels.integers("perm", [1, 0, 2])]),
        ONNXModels.node("Transpose", ["qt"], ["kt"], [ONNXModels.integers("perm", [0, 2, 1])]),
        ONNXModels.node("MatMul", ["qt", "kt"], ["s"]),
        ONNXModels.node("Softmax", ["s"], ["p"], [ONNXModels.integer("axis", -1)]),
        ONNXModels.node("MatMul", ["p", "qt"], ["m"]),
        ONNXModels.node("ReduceMean", ["m"], ["out1"], [ONNXModels.integers("axes", [0, 2])]),
        ONNXModels.node("Reshape", ["out1", "row"], ["out"]),
      ],
      [
        ONNXModels.tensor("w", [4, 4], floats: (0..<16).map { Float($0 % 7) / 7 - 0.4 }),
        ONNXModels.tensor("heads", [3], integers: [6, 2, 2]),
        ONNXModels.tensor("row", [2], integers: [1, -1]),
      ])
    let network = try ONNXModels.file(model).network
    var random = RandomKey(seed: 3).child("rows").generator
    let rows = random.normals([3, 6, 4])
    let together = try ONNXModels.scores(network, rows)
    for index in 0..<3 {
      let row = try ONNXModels.scores(network, Tensor.stacking([rows.row(index)]))
      #expect(row.row(0) == together.row(index))
    }
    #expect(Set(together.scalars).count > 6)
  }

  static let names = ["mnist-small", "mnist-madry", "lenet5", "resnet20", "transformer"]

  static func network(_ name: String) throws -> Network {
    guard name == "transformer" else { return try Architecture.named(name).network(seed: 7) }
    let input = InputDescription(
      shape: [3, 6, 6], lowerBound: -1, mean: [0.5, 0.4, 0.3], standardDeviation: [0.2, 0.3, 0.4])
    return try Network(name, input: input, seed: 2) {
      TokenEmbedding(patch: 3, width: 4)
      TransformerBlock(heads: 2)
      ClassToken()
      Linear(3)
    }
  }

  @Test(arguments: names)
  func whatIsWrittenIsReadAgain(name: String) throws {
    let network = try Self.network(name)
    let file = try ONNXFile(
      bytes: try network.encodedForONNX(metadata: ["recipe": "none"]), name: "again.onnx")
    #expect(file.metadata["recipe"] == "none")
    #expect(file.network.input == network.input)
    #expect(file.network.architecture == name)
    #expect(file.network.parameters.keys.sorted() == network.parameters.keys.sorted())
    for (name, tensor) in network.parameters {
      #expect(file.network.parameters[name] == tensor, "\(name)")
    }
    #expect(file.network.statisticNames == network.statisticNames)
    // Nothing is lost that the engine computes in one step.
    for function in [Elementwise.Function.gelu, .relu] {
      #expect(count(function, in: file.network) == count(function, in: network))
    }
    let row = RandomKey(seed: 2).child("row")
    var random = row.generator
    let rows = random.uniforms(network.input.shape.prepending(1))
    let before = try ONNXModels.scores(network, rows)
    let after = try ONNXModels.scores(file.network, rows)
    let largest = before.scalars.map(abs).max() ?? 0
    for (a, b) in zip(before.scalars, after.scalars) { #expect(abs(a - b) <= 1e-6 * largest) }
  }

  private func count(_ function: Elementwise.Function, in network: Network) -> Int {
    network.graph.nodes.count { node in
      if case .operation(let op, _, _) = node {
        op as? Elementwise == Elementwise(function)
      } else {
        false
      }
    }
  }

  @Test func anotherFileInTheFolderHoldsValues() throws {
    let folder = NSTemporaryDirectory() + "onnx-\(UInt64.random(in: 0 ... .max))/"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    var model = ONNXModels.classifier()
    guard let index = model.graph.initializer.firstIndex(where: { $0.name == "fc1.bias" }) else {
      Issue.record("the classifier has a bias")
      return
    }
    let values = model.graph.initializer[index].floatData
    try Data(values.flatMap { withUnsafeBytes(of: $0.bitPattern.littleEndian, Array.init) })
      .write(to: URL(fileURLWithPath: folder + "values.data"))
    let path = folder + "model.onnx"
    func write(_ entries: [(String, String)]) throws {
      model.graph.initializer[index].floatData = []
      model.graph.initializer[index].dataLocation = .external
      model.graph.initializer[index].externalData = entries.map { key, value in
        .with {
          $0.key = key
          $0.value = value
        }
      }
      try Data(try model.serializedBytes() as [UInt8]).write(to: URL(fileURLWithPath: path))
    }
    try write([("location", "values.data"), ("offset", "0"), ("length", "20")])
    #expect(try ONNXFile(path: path).network.parameters["fc1.bias"]?.scalars == values)
    // Links may lead anywhere within the folder, and nowhere else.
    let files = FileManager.default
    try files.createDirectory(atPath: folder + "below", withIntermediateDirectories: false)
    try files.copyItem(atPath: folder + "values.data", toPath: folder + "below/values.data")
    try files.createSymbolicLink(
      atPath: folder + "inside.data", withDestinationPath: "below/values.data")
    try files.createSymbolicLink(
      atPath: folder + "outside.data", withDestinationPath: "/etc/passwd")
    try files.createSymbolicLink(atPath: folder + "parent", withDestinationPath: "..")
    let own = folder.split(separator: "/").last ?? ""
    try write([("location", "inside.data"), ("length", "20")])
    #expect(try ONNXFile(path: path).network.parameters["fc1.bias"]?.scalars == values)
    try write([("location", "parent/\(own)/values.data"), ("length", "20")])
    #expect(try ONNXFile(path: path).network.parameters["fc1.bias"]?.scalars == values)
    for (entries, part) in [
      ([("location", "outside.data")], "a symbolic link out of the folder"),
      ([("location", "parent/absent.data")], "No such file"),
      ([("location", "parent")], "a symbolic link out of the folder"),
      ([("location", "below")], "Is a directory"),
      ([("location", "../values.data")], "expected one in the same folder"),
      ([("location", "/etc/passwd")], "expected one in the same folder"),
      ([("location", "absent.data")], "absent.data"),
      ([("location", "values.data"), ("offset", "16"), ("length", "20")], "outside the file"),
      ([("location", "values.data"), ("offset", "-4")], "outside the file"),
      ([("location", "values.data"), ("length", "16")], "do not fill"),
    ] {
      try write(entries)
      let error = #expect(throws: ONNXError.self) { _ = try ONNXFile(path: path) }
      #expect(error?.description.contains(part) == true, "\(error?.description ?? "")")
      #expect(error?.description.contains("fc1.bias") == true)
    }
  }
}
