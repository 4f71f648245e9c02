import Engine
import Files
import Foundation
import Graphs
import Models
import Networks
import Tensors
import TestSupport
import Testing

/// The files of the data folder beside the package.
enum PublishedNetworks {
  static let files: [String] = {
    let root = Fixtures.published
    let names = FileManager.default.enumerator(atPath: root)?.compactMap { $0 as? String } ?? []
    return names.filter { $0.hasSuffix(".onnx") || $0.hasSuffix(".onnx.gz") }.sorted()
      .map { root + "/" + $0 }
  }()
}

/// Networks that others published, where the data folder is beside the package.
@Suite(
  .enabled(
    if: !PublishedNetworks.files.isEmpty, "../shared/data is absent: no published network is read"
  ))
struct ONNXSharedDataTests {
  @Test(arguments: PublishedNetworks.files)
  func publishedNetworksRun(path: String) throws {
    let network = try ONNXFile(path: path).network
    let name = path.split(separator: "/").last ?? ""
    let outputs = ["mnist": 10, "cifar": 10, "mobilenet": 1000, "squeezenet": 1000, "ACASXU": 5]
    for (prefix, count) in outputs where name.hasPrefix(prefix) {
      #expect(network.outputCount == count)
    }
    // By definition only where that is quick.
    guard network.input.shape.count <= 3072 else { return }
    var random = RandomKey(seed: 4).child(path).generator
    let rows = random.uniforms(network.input.shape.prepending(2))
    let expected = try ONNXModels.scores(network, rows)
    let scores = try EngineThread.shared.sync { () throws in
      try CompiledNetwork(network).evaluate(rows)
    }
    let largest = expected.scalars.map(abs).max() ?? 0
    for (own, reference) in zip(scores.scalars, expected.scalars) {
      #expect(abs(Double(own) - reference) <= 1e-4 * largest, "\(name)")
    }
  }
}
