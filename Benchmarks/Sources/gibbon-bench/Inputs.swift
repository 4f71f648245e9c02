import Foundation
import Networks
import Robustness
import Tensors

/// The network, images and labels that all contestants are given, in a file of peers/inputs.py.
struct Inputs {
  /// The network.
  let network: Network
  /// The images, one tensor each.
  let images: [Tensor<Float>]
  /// Their labels.
  let labels: [Int]
  /// The radius of the threat in the maximum norm.
  let radius: Double
  /// The length of a PGD step.
  let stepSize: Double

  private static let prefix = "parameter/"

  /// Reads what a workload needs of a file.
  init(path: String, _ name: WorkloadName) throws {
    var network = try Architecture.named(name.network).network(seed: 0)
    let file = try SafeTensorsFile(path: path)
    var parameters: [String: Tensor<Float>] = [:]
    for (name, tensor) in file.tensors where name.hasPrefix(Inputs.prefix) {
      parameters[String(name.dropFirst(Inputs.prefix.count))] = tensor
    }
    try network.load(parameters)
    self.network = network
    let images = try file.tensor("x")
    let labels = file.integers["labels"]?.values ?? []
    guard images.shape.rank > 1, images.shape[0] >= name.rows, labels.count >= name.rows else {
      throw BenchmarkError.file(path, "at least \(name.rows) images `x` with `labels`")
    }
    self.images = (0..<name.rows).map(images.row)
    self.labels = labels.prefix(name.rows).map(Int.init)
    func number(_ key: String) throws -> Double {
      guard let number = file.metadata[key].flatMap({ Double($0) }) else {
        throw BenchmarkError.file(path, "a number `\(key)` in its metadata")
      }
      return number
    }
    radius = try number("radius")
    stepSize = try number("step_size")
  }

  /// A problem for each image.
  func problems() throws -> [Problem] {
    let ball = try Ball(.infinity, radius: radius)
    return try images.indices.map { index in
      try Problem(index: index, input: images[index], label: labels[index], threat: ball)
    }
  }
}
